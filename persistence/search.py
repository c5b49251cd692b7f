"""The search for doctors, as one statement.

Its text is joined from the fragments below, one for each condition that is given; values are
arguments. Every order is a key that rises, so that (key, id) is a place in it: what comes last for
want of a rating, a slot or a place has a key above all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from domain.search import DoctorOrder, DoctorSearch
from persistence.doctors import LAST, DoctorTable
from persistence.slots import OPEN

# earthdistance reckons with the equator's radius; kilometres are told on the mean one (IUGG).
_EQUATOR_M, _MEAN_KM = 6378168, 6371.0088
_STEEPER = 1.000001  # a box that holds the circle, whatever is lost in rounding


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
    distance = _distance(wanted, put)
    conditions = ["doctor.status = 'VERIFIED'", *_conditions(wanted, put, now, distance)]
    apart, order = "", "sort_key"
    if wanted.order_by is DoctorOrder.DISTANCE and wanted.within_km is not None:
        # The chord grows with the arc, and an index has it: who is near is found first, and only
        # until the page is full. (Whoever has no place is not within any distance.)
        apart, order = f", doctor.place <-> {_here(put)}::cube AS apart", "apart"
    inner = (
        f"SELECT {columns}, {distance} AS distance_km,"
        f" {_sort_key(wanted.order_by, now, distance)} AS sort_key{apart}"
        f" FROM doctor WHERE {' AND '.join(conditions)}"
    )
    later = ""
    if sought.after is not None:
        key_type = "text" if wanted.order_by is DoctorOrder.NAME else "float8"
        key, id = put(_after(0), key_type), put(_after(1), "uuid")
        later = f" WHERE (sort_key, id) > ({key}, {id})"
    most = put(lambda sought: sought.limit, "bigint")
    return f"SELECT * FROM ({inner}) AS found{later} ORDER BY {order}, id LIMIT {most}"


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
    return f"ll_to_earth({put(_latitude, 'float8')}, {put(_longitude, 'float8')})"


def _distance(wanted: DoctorSearch, put: Put) -> str:
    if wanted.near is None:
        return "NULL::float8"
    return f"(earth_distance(doctor.place::earth, {_here(put)}) / {_EQUATOR_M} * {_MEAN_KM})"


def _conditions(
    wanted: DoctorSearch, put: Put, now: Callable[[], str], distance: str
) -> Sequence[str]:
    found = []
    if wanted.specialty is not None:
        specialty = put(lambda sought: sought.wanted.specialty, "text")
        found.append(f"doctor.specialties @> ARRAY[{specialty}]")
    if wanted.uf is not None:
        found.append(f"doctor.uf = {put(lambda sought: sought.wanted.uf, 'text')}")
    words = (put(_word(number), "text") for number, _ in enumerate((wanted.name or "").split()))
    found.extend(f"doctor.name_search LIKE {_holds(word)}" for word in words)
    if wanted.near is not None and wanted.within_km is not None:
        found.append(f"doctor.place <@ earth_box({_here(put)}, {put(_metres, 'float8')})")
        found.append(f"{distance} <= {put(lambda sought: sought.wanted.within_km, 'float8')}")
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


def _sort_key(order: DoctorOrder, now: Callable[[], str], distance: str) -> str:
    if order is DoctorOrder.NAME:
        return "doctor.name_search"
    if order is DoctorOrder.DISTANCE:
        return f"coalesce({distance}, {LAST})"
    if order is DoctorOrder.RATING:
        return "doctor.rating_order"
    at = now()
    return (
        "coalesce((SELECT extract(epoch FROM slot.starts_at)::float8 FROM slot"
        f" WHERE slot.doctor_id = doctor.id AND slot.starts_at > {at} AND {OPEN.format(at=at)}"
        f" ORDER BY slot.starts_at LIMIT 1), {LAST})"
    )


def _holds(word: str) -> str:
    """A pattern of LIKE; what has a meaning there is taken literally once it is plain text."""
    return rf"'%' || regexp_replace(plain_text({word}), '([%_\\])', '\\\1', 'g') || '%'"
