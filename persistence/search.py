"""The search for doctors, as one statement.

Its text is joined from the fragments below, one for each condition that is given; values are
arguments. Every order is a key that rises, so that (key, id) is a place in it: what comes last for
want of a rating, a slot or a place has a key above all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from domain.search import DoctorOrder, DoctorSearch
from persistence.doctors import LAST, DoctorTable
from persistence.slots import OPEN

# ll_to_earth reckons with the equator's radius; kilometres are told on the mean one (IUGG).
_EQUATOR_M, _MEAN_KM = 6378168, 6371.0088
_STEEPER = 1.000001  # a box that holds the circle, whatever is lost in rounding
_SLOTS_EACH = 50  # that are looked at for a doctor of a page, before each doctor is asked
_LATEST = 253402300799  # the end of the year 9999, for a key of a cursor may be anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """One page of a search. `after`: the (sort key, id) of the last doctor that was seen."""

    wanted: DoctorSearch
    after: Sequence[Any] | None
    limit: int


# How a value gets into the statement: what it is of a page, and its type; to an expression of SQL.
Put: TypeAlias = Callable[[Callable[[Sought], Any], str], str]


def statement(sought: Sought, *, at: datetime) -> tuple[str, Sequence[Any]]:
    arguments: list[Any] = []

    def argument(value: Any, type_: str) -> str:
        arguments.append(value)
        return f"${len(arguments)}::{type_}"

    text = page(
        sought,
        lambda read, type_: argument(read(sought), type_),
        DoctorTable.shape.of("doctor"),
        now=lambda: argument(at, "timestamptz"),
    )
    return text, arguments


def page(sought: Sought, put: Put, columns: str, *, now: Callable[[], str]) -> str:
    """The text; it depends on which conditions are given, and on no value but the number of words.
    Beside `columns` there are distance_km and sort_key. `now`: an expression of the moment.
    """
    wanted = sought.wanted
    listed = wanted.order_by is DoctorOrder.RATING and wanted.specialty is not None
    conditions = _conditions(replace(wanted, specialty=None) if listed else wanted, put, now)
    columns = f"{columns}, {_distance(wanted, put)} AS distance_km"
    if wanted.order_by is DoctorOrder.SOONEST:
        return _soonest(sought, put, columns, conditions, now())
    if wanted.order_by is DoctorOrder.DISTANCE:
        # The chord grows with the arc, and an index has it: who is near is found first, and only
        # until the page is full. It is the key as well, for arcs are rounded and chords may differ
        # where they do not. (Whoever has no place is last there, too.)
        apart = _apart(put)
        inner = f"SELECT {columns}, coalesce({apart}, {LAST}) AS sort_key, {apart} AS apart"
        return _ordered(f"{inner} {_found(conditions)}", sought, put, by="apart")
    if listed:
        return _of_specialty(sought, put, columns, conditions)
    key = "name_search" if wanted.order_by is DoctorOrder.NAME else "rating_order"
    inner = f"SELECT {columns}, doctor.{key} AS sort_key"
    return _ordered(f"{inner} {_found(conditions)}", sought, put)


def _found(conditions: Sequence[str]) -> str:
    return f"FROM doctor WHERE {' AND '.join(conditions)}"


def _ordered(inner: str, sought: Sought, put: Put, *, by: str = "sort_key") -> str:
    later = ""
    if sought.after is not None:
        key_type = "text" if sought.wanted.order_by is DoctorOrder.NAME else "float8"
        key, id = put(_after(0), key_type), put(_after(1), "uuid")
        later = f" WHERE (sort_key, id) > ({key}, {id})"
    return f"SELECT * FROM ({inner}) AS found{later} ORDER BY {by}, id LIMIT {_most(put)}"


def _of_specialty(sought: Sought, put: Put, columns: str, conditions: Sequence[str]) -> str:
    """The best of a specialty first, as the database keeps them in a list of their own."""
    later = ""
    if sought.after is not None:
        key, id = put(_after(0), "float8"), put(_after(1), "uuid")
        later = f" AND (listed.rating_order, listed.doctor_id) > ({key}, {id})"
    specialty = put(lambda sought: sought.wanted.specialty, "text")
    return (
        f"SELECT {columns}, listed.rating_order AS sort_key FROM doctor_specialty AS listed"
        f" JOIN doctor ON doctor.id = listed.doctor_id"
        f" WHERE listed.code = {specialty} AND {' AND '.join(conditions)}{later}"
        f" ORDER BY listed.rating_order, listed.doctor_id LIMIT {_most(put)}"
    )


def _soonest(sought: Sought, put: Put, columns: str, conditions: Sequence[str], at: str) -> str:
    """From the next slots there are, whosesoever, to their doctors: so a page costs the same
    however many doctors there are.

    If that does not fill it, since the filter leaves few or they are late, each of those that it
    leaves is asked.
    """
    free = f"slot.starts_at > {at} AND {OPEN.format(at=at)}"
    own = (
        f"SELECT slot.starts_at FROM slot WHERE slot.doctor_id = doctor.id AND {free}"
        " ORDER BY slot.starts_at LIMIT 1"
    )
    later = ""
    if sought.after is not None:
        key, id = put(_after(0), "float8"), put(_after(1), "uuid")
        moment = f"to_timestamp(greatest(0, least({key}, {_LATEST})))"
        later = f" AND (slot.starts_at, slot.doctor_id) > ({moment}, {id})"
    most, key = _most(put), "extract(epoch FROM {})::float8"
    by_slots = (
        f"SELECT its.*, {key.format('next.starts_at')} AS sort_key FROM ("
        f"SELECT slot.doctor_id, slot.starts_at FROM slot WHERE {free}{later}"
        f" ORDER BY slot.starts_at, slot.doctor_id LIMIT {_SLOTS_EACH} * {most}) AS next,"
        f" LATERAL (SELECT {columns} {_found(conditions)} AND doctor.id = next.doctor_id"
        f" AND next.starts_at = ({own}) OFFSET 0) AS its"
        f" ORDER BY next.starts_at, next.doctor_id LIMIT {most}"
    )
    by_doctors = _ordered(
        f"SELECT {columns}, coalesce({key.format(f'({own})')}, {LAST}) AS sort_key"
        f" {_found(conditions)}",
        sought,
        put,
    )
    filled = f"(SELECT count(*) FROM soon) = {most}"
    return (
        f"WITH soon AS MATERIALIZED ({by_slots}) SELECT * FROM soon WHERE {filled}"
        f" UNION ALL SELECT * FROM ({by_doctors}) AS others WHERE NOT {filled}"
        f" ORDER BY sort_key, id LIMIT {most}"
    )


def _most(put: Put) -> str:
    return put(lambda sought: sought.limit, "bigint")


def _after(number: int) -> Callable[[Sought], Any]:
    return lambda sought: sought.after[number] if sought.after else None


def _latitude(sought: Sought) -> float | None:
    return sought.wanted.near.latitude if sought.wanted.near else None


def _longitude(sought: Sought) -> float | None:
    return sought.wanted.near.longitude if sought.wanted.near else None


def _metres(sought: Sought) -> float | None:
    kilometres = sought.wanted.within_km
    return None if kilometres is None else kilometres / _MEAN_KM * _EQUATOR_M * _STEEPER


def _word(number: int) -> Callable[[Sought], str]:
    return lambda sought: (sought.wanted.name or "").split()[number]


def _here(put: Put) -> str:
    """A query of its own, and so asked once; else it were for every doctor, at ten microseconds."""
    latitude, longitude = put(_latitude, "float8"), put(_longitude, "float8")
    return f"(SELECT ll_to_earth({latitude}, {longitude})::cube)"


def _apart(put: Put) -> str:
    """The chord, in metres; NULL for who has no place."""
    return f"(doctor.place <-> {_here(put)})"


def _distance(wanted: DoctorSearch, put: Put) -> str:
    """The arc over the chord, in kilometres. As earth_distance, whose functions cannot be written
    into the statement and take most of its time.
    """
    if wanted.near is None:
        return "NULL::float8"
    arc = f"{2 * _MEAN_KM} * asin(least(1, {_apart(put)} / {2 * _EQUATOR_M}))"
    return f"CASE WHEN doctor.place IS NOT NULL THEN {arc} END"


def _conditions(wanted: DoctorSearch, put: Put, now: Callable[[], str]) -> Sequence[str]:
    found = ["doctor.status = 'VERIFIED'"]
    if wanted.specialty is not None:
        specialty = put(lambda sought: sought.wanted.specialty, "text")
        found.append(f"doctor.specialties @> ARRAY[{specialty}]")
    if wanted.uf is not None:
        found.append(f"doctor.uf = {put(lambda sought: sought.wanted.uf, 'text')}")
    words = (put(_word(number), "text") for number, _ in enumerate((wanted.name or "").split()))
    found.extend(f"doctor.name_search LIKE {_holds(word)}" for word in words)
    if wanted.near is not None and wanted.within_km is not None:
        found.append(f"doctor.place <@ earth_box({_here(put)}::earth, {put(_metres, 'float8')})")
        found.append(
            f"({_distance(wanted, put)}) <= {put(lambda sought: sought.wanted.within_km, 'float8')}"
        )
    if wanted.minimum_rating is not None:
        least = put(lambda sought: sought.wanted.minimum_rating, "float8")
        rated = f"doctor.rating_sum >= {least} * nullif(doctor.rating_count, 0)"
        found.append(f"({least} = 0 OR {rated})")
    if wanted.available_from is not None or wanted.available_to is not None:
        found.append(f"EXISTS (SELECT FROM slot WHERE {_available(wanted, put, now())})")
    return found


def _available(wanted: DoctorSearch, put: Put, now: str) -> str:
    bounds = [
        "slot.doctor_id = doctor.id",
        f"slot.starts_at > {now}",
        OPEN.format(at=now),
    ]
    if wanted.available_from is not None:
        earliest = put(lambda sought: sought.wanted.available_from, "timestamptz")
        bounds.append(f"slot.starts_at >= {earliest}")
    if wanted.available_to is not None:
        latest = put(lambda sought: sought.wanted.available_to, "timestamptz")
        bounds.append(f"slot.starts_at < {latest}")
    return " AND ".join(bounds)


def _holds(word: str) -> str:
    """A pattern of LIKE; what has a meaning there is taken literally once it is plain text."""
    return rf"'%' || regexp_replace(plain_text({word}), '([%_\\])', '\\\1', 'g') || '%'"
