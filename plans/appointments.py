"""Appointments, to their two sides."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.appointments import AppointmentStatus
from plans import paging
from plans.compiler import Compiler, Fields, Request, Told, related
from plans.pieces import Pieces, id_of, moment, name, name_or_null, or_null, text
from plans.selections import Selected
from schema.paging import check_first, key_id, key_moment, read_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    statuses: str | None  # by commas: what rides together has no arrays of arrays
    after: tuple[datetime, UUID] | None
    first: int


def own(compiler: Compiler, selected: Selected, type_: str) -> Pieces:
    """The viewer's, the latest start first. `type_`: the viewer's."""

    def read(
        status: list[AppointmentStatus] | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> _Page:
        count = check_first(first, usual=20)
        key = read_cursor("appointments", after)
        return _Page(
            statuses=None if status is None else ",".join(status),
            after=None if key is None else (key_moment(key, 0), key_id(key, 1)),
            first=count,
        )

    told = compiler.arguments(type_, selected, read)
    page = told.of(compiler.request)
    first = compiler.put((told, "first"), "int4", lambda request: told.of(request).first)
    side, viewer = (
        ("doctor_id", compiler.doctor_id)
        if type_ == "DoctorViewer"
        else ("patient_id", compiler.patient_id)
    )
    row = compiler.alias("appointment")
    conditions = [f"{row}.{side} = {viewer}"]
    if page.statuses is not None:
        wanted = compiler.put((told, "status"), "text", lambda request: told.of(request).statuses)
        conditions.append(f"{_status(compiler, row)} = ANY(string_to_array({wanted}, ','))")
    if page.after is not None:
        starts_at = compiler.put((told, "at"), "timestamptz", lambda r: _key(told, r)[0])
        id = compiler.put((told, "id"), "uuid", lambda r: _key(told, r)[1])
        conditions.append(f"({row}.starts_at, {row}.id) < ({starts_at}, {id})")
    it = paging.ROW
    return paging.connection(
        compiler,
        selected,
        types=("AppointmentConnection", "AppointmentEdge"),
        rows=f"SELECT * FROM appointment AS {row} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {row}.starts_at DESC, {row}.id DESC LIMIT {first} + 1",
        wanted=first,
        after=page.after is not None,
        node=lambda sets: compiler.object("Appointment", sets, it),
        cursor=paging.cursor("appointments", moment(f"{it}.starts_at", "+00:00"), name(f"{it}.id")),
    )


def _key(told: Told[_Page], request: Request) -> tuple[datetime | None, UUID | None]:
    return told.of(request).after or (None, None)


def _lapsed(compiler: Compiler, row: str) -> str:
    return f"({row}.status = 'REQUESTED' AND {row}.respond_by <= {compiler.at})"


def _outlasted(compiler: Compiler, row: str) -> str:
    return f"({row}.status = 'IN_PROGRESS' AND {row}.closes_at <= {compiler.at})"


def _status(compiler: Compiler, row: str) -> str:
    """As of now, whatever the row still says."""
    return (
        f"CASE WHEN {_lapsed(compiler, row)} THEN 'EXPIRED'"
        f" WHEN {_outlasted(compiler, row)} THEN 'COMPLETED' ELSE {row}.status END"
    )


def _over(compiler: Compiler, row: str) -> str:
    """Whether time has ended it, and nobody has written that down."""
    return f"coalesce({_lapsed(compiler, row)} OR {_outlasted(compiler, row)}, false)"


def _version(compiler: Compiler, _: Selected, row: str) -> Pieces:
    return [f"{row}.version + CASE WHEN {_over(compiler, row)} THEN 1 ELSE 0 END"]


def _ended_by(compiler: Compiler, _: Selected, row: str) -> Pieces:
    by = f"CASE WHEN {_over(compiler, row)} THEN 'SYSTEM' ELSE {row}.ended_by END"
    return name_or_null(f"({by})")


FIELDS: dict[str, Fields] = {
    "Appointment": {
        "id": lambda _, __, row: id_of("appointment", f"{row}.id"),
        "version": _version,
        "status": lambda c, _, row: name(_status(c, row)),
        "startsAt": lambda _, __, row: moment(f"{row}.starts_at"),
        "endsAt": lambda _, __, row: moment(f"{row}.ends_at"),
        "endedBy": _ended_by,
        "respondBy": lambda _, __, row: moment(f"{row}.respond_by"),
        "doctor": related("Doctor", "id", "doctor_id"),
        "patient": related("Patient", "id", "patient_id"),
        "slot": related("Slot", "id", "slot_id"),
        "review": related("Review", "appointment_id", "id"),
    },
    "Patient": {
        "id": lambda _, __, row: id_of("patient", f"{row}.id"),
        "name": lambda _, __, row: text(f"{row}.name"),
        "birthDate": lambda _, __, row: name_or_null(f"{row}.birth_date"),
    },
    "Review": {
        "stars": lambda _, __, row: [f"{row}.stars"],
        "comment": lambda _, __, row: or_null(f"to_json({row}.comment)"),
        "at": lambda _, __, row: name(f"{row}.reviewed_on"),
    },
}
