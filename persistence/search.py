"""The search for doctors, as one statement.

Its text is joined from the fragments below, one for each condition that is given; values are
arguments. Every order is a key that rises, so that (key, id) is a place in it: what comes last for
want of a rating, a slot or a place has a key above all others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.reviews import SHOWN_FROM
from domain.search import DoctorOrder, DoctorSearch
from persistence.doctors import DoctorTable
from persistence.slots import OPEN

# earthdistance reckons with the equator's radius; kilometres are told on the mean one (IUGG).
_EQUATOR_M, _MEAN_KM = 6378168, 6371.0088
_LAST = "1e18::float8"
_STEEPER = 1.000001  # a box that holds the circle, whatever is lost in rounding


class _Arguments(list[Any]):
    def put(self, value: Any, type_: str) -> str:
        """The number under which a value is passed."""
        self.append(value)
        return f"${len(self)}::{type_}"


def statement(
    wanted: DoctorSearch, *, after: Sequence[Any] | None, limit: int, at: datetime
) -> tuple[str, Sequence[Any]]:
    """`after` is the key of the last doctor that was seen: (sort key, id as text)."""
    arguments = _Arguments()
    distance = _distance(wanted, arguments)
    conditions = ["doctor.status = 'VERIFIED'", *_conditions(wanted, arguments, at, distance)]
    inner = (
        f"SELECT {DoctorTable.shape.of('doctor')}, {distance} AS distance_km,"
        f" {_sort_key(wanted.order_by, arguments, at, distance)} AS sort_key"
        f" FROM doctor WHERE {' AND '.join(conditions)}"
    )
    later = ""
    if after is not None:
        key_type = "text" if wanted.order_by is DoctorOrder.NAME else "float8"
        key, id = arguments.put(after[0], key_type), arguments.put(UUID(after[1]), "uuid")
        later = f" WHERE (sort_key, id) > ({key}, {id})"
    most = arguments.put(limit, "bigint")
    outer = f"SELECT * FROM ({inner}) AS found{later} ORDER BY sort_key, id LIMIT {most}"
    return outer, arguments


def _distance(wanted: DoctorSearch, arguments: _Arguments) -> str:
    if wanted.near is None:
        return "NULL::float8"
    latitude = arguments.put(wanted.near.latitude, "float8")
    longitude = arguments.put(wanted.near.longitude, "float8")
    here = f"ll_to_earth({latitude}, {longitude})"
    return f"(earth_distance(doctor.place::earth, {here}) / {_EQUATOR_M} * {_MEAN_KM})"


def _conditions(
    wanted: DoctorSearch, arguments: _Arguments, at: datetime, distance: str
) -> Sequence[str]:
    found = []
    if wanted.specialty is not None:
        found.append(f"doctor.specialties @> ARRAY[{arguments.put(wanted.specialty, 'text')}]")
    if wanted.uf is not None:
        found.append(f"doctor.uf = {arguments.put(wanted.uf.value, 'text')}")
    words = (arguments.put(word, "text") for word in (wanted.name or "").split())
    found.extend(f"doctor.name_search LIKE {_holds(word)}" for word in words)
    if wanted.near is not None and wanted.within_km is not None:
        latitude = arguments.put(wanted.near.latitude, "float8")
        longitude = arguments.put(wanted.near.longitude, "float8")
        metres = arguments.put(wanted.within_km / _MEAN_KM * _EQUATOR_M * _STEEPER, "float8")
        kilometres = arguments.put(wanted.within_km, "float8")
        found.append(f"doctor.place <@ earth_box(ll_to_earth({latitude}, {longitude}), {metres})")
        found.append(f"{distance} <= {kilometres}")
    if wanted.minimum_rating:
        least = arguments.put(wanted.minimum_rating, "float8")
        found.append(f"doctor.rating_sum >= {least} * nullif(doctor.rating_count, 0)")
    if wanted.available_from is not None or wanted.available_to is not None:
        found.append(f"EXISTS (SELECT FROM slot WHERE {_available(wanted, arguments, at)})")
    return found


def _available(wanted: DoctorSearch, arguments: _Arguments, at: datetime) -> str:
    now = arguments.put(at, "timestamptz")
    bounds = [
        "slot.doctor_id = doctor.id",
        f"slot.starts_at > {now}",
        OPEN.format(at=now),
    ]
    if wanted.available_from is not None:
        bounds.append(f"slot.starts_at >= {arguments.put(wanted.available_from, 'timestamptz')}")
    if wanted.available_to is not None:
        bounds.append(f"slot.starts_at < {arguments.put(wanted.available_to, 'timestamptz')}")
    return " AND ".join(bounds)


def _sort_key(order: DoctorOrder, arguments: _Arguments, at: datetime, distance: str) -> str:
    if order is DoctorOrder.NAME:
        return "doctor.name_search"
    if order is DoctorOrder.DISTANCE:
        return f"coalesce({distance}, {_LAST})"
    if order is DoctorOrder.RATING:
        return (
            f"CASE WHEN doctor.rating_count >= {SHOWN_FROM}"
            f" THEN -doctor.rating_sum::float8 / doctor.rating_count ELSE {_LAST} END"
        )
    now = arguments.put(at, "timestamptz")
    return (
        "coalesce((SELECT extract(epoch FROM slot.starts_at)::float8 FROM slot"
        f" WHERE slot.doctor_id = doctor.id AND slot.starts_at > {now} AND {OPEN.format(at=now)}"
        f" ORDER BY slot.starts_at LIMIT 1), {_LAST})"
    )


def _holds(word: str) -> str:
    """A pattern of LIKE; what has a meaning there is taken literally once it is plain text."""
    return rf"'%' || regexp_replace(plain_text({word}), '([%_\\])', '\\\1', 'g') || '%'"
