"""Slots of a doctor."""

from datetime import datetime

from persistence.slots import OPEN
from plans.compiler import Compiler, Fields, related
from plans.pieces import Pieces, either, id_of, many, moment, name
from plans.selections import Selected
from schema import paging
from schema.doctors import NEXT_SLOTS_MOST, check_range


def _status(compiler: Compiler, row: str) -> str:
    """As of now, whatever the row still says."""
    return f"CASE WHEN {row}.lapses_at <= {compiler.at} THEN 'OPEN' ELSE {row}.status END"


def next_of(compiler: Compiler, selected: Selected, doctor: str) -> Pieces:
    """Of a verified doctor; others have none."""

    def count(first: int | None = 5) -> int:
        return paging.check_first(first, most=NEXT_SLOTS_MOST, usual=5)

    told = compiler.arguments("Doctor", selected, count)
    most = compiler.put((told, "first"), "int4", told.of)
    return _open(compiler, selected, doctor, f"starts_at > {compiler.at}", f" LIMIT {most}")


def between(compiler: Compiler, selected: Selected, doctor: str) -> Pieces:
    longest = compiler.limits.agenda

    def days(from_: datetime, to: datetime) -> tuple[datetime, datetime]:
        check_range(longest, from_, to)
        return from_, to

    told = compiler.arguments("Doctor", selected, days)
    earliest = compiler.put((told, "from"), "timestamptz", lambda request: told.of(request)[0])
    latest = compiler.put((told, "to"), "timestamptz", lambda request: told.of(request)[1])
    when = f"starts_at >= {earliest} AND starts_at < {latest} AND starts_at > {compiler.at}"
    return _open(compiler, selected, doctor, when, "")


def _open(compiler: Compiler, selected: Selected, doctor: str, when: str, limit: str) -> Pieces:
    row = compiler.alias("slot")
    found = (
        f"FROM (SELECT * FROM slot WHERE slot.doctor_id = {doctor}.id"
        f" AND {doctor}.status = 'VERIFIED' AND slot.{when} AND {OPEN.format(at=compiler.at)}"
        f" ORDER BY slot.starts_at{limit}) AS {row}"
    )
    return many(compiler.object("Slot", selected.sets, row), found)


def _hold_expires_at(compiler: Compiler, _: Selected, row: str) -> Pieces:
    own = f"{row}.held_by = {compiler.patient_id} AND {row}.lapses_at > {compiler.at}"
    return either(own, moment(f"{row}.lapses_at"))


FIELDS: dict[str, Fields] = {
    "Slot": {
        "id": lambda _, __, row: id_of("slot", f"{row}.id"),
        "startsAt": lambda _, __, row: moment(f"{row}.starts_at"),
        "endsAt": lambda _, __, row: moment(f"{row}.ends_at"),
        "status": lambda c, _, row: name(_status(c, row)),
        "doctor": related("Doctor", "id", "doctor_id"),
        "holdExpiresAt": _hold_expires_at,
    }
}
