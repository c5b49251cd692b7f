"""Who is asking, and things by their ids: where a query begins."""

from domain.auth import Role
from domain.ids import AppointmentId, DoctorId, SlotId
from plans import appointments, doctors
from plans.compiler import Compiler, Fields, Unplanned
from plans.pieces import NULL, Pieces
from plans.selections import Selected
from schema import ids

_TYPES = {Role.DOCTOR: "DoctorViewer", Role.PATIENT: "PatientViewer"}


def _viewer(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    viewer = compiler.request.viewer
    if viewer is None:
        return [NULL]
    type_ = _TYPES.get(viewer.role)
    if type_ is None:
        raise Unplanned
    return compiler.object(type_, selected.sets, type_)


def _doctor(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    return compiler.found("Doctor", selected, lambda row: f"{row}.id = {compiler.doctor_id}")


def _patient(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    return compiler.found("Patient", selected, lambda row: f"{row}.id = {compiler.patient_id}")


def _node(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    def read(id: str) -> tuple[object, object]:
        kind = ids.kind_of(id)
        if kind is None:
            raise Unplanned
        return kind

    told = compiler.arguments("Query", selected, read)
    kind, _id = told.of(compiler.request)
    wanted = compiler.put((told, "id"), "uuid", lambda request: told.of(request)[1])
    if kind is DoctorId:
        return compiler.found(
            "Doctor", selected, lambda row: f"{row}.id = {wanted} AND {_seen(compiler, row)}"
        )
    if kind is SlotId:
        doctor = compiler.alias("doctor")
        return compiler.found(
            "Slot",
            selected,
            lambda row: (
                f"{row}.id = {wanted} AND EXISTS (SELECT FROM doctor AS {doctor}"
                f" WHERE {doctor}.id = {row}.doctor_id AND {_seen(compiler, doctor)})"
            ),
        )
    if kind is AppointmentId and compiler.request.viewer is not None:
        return compiler.found(
            "Appointment",
            selected,
            lambda row: (
                f"{row}.id = {wanted} AND ({row}.doctor_id = {compiler.doctor_id}"
                f" OR {row}.patient_id = {compiler.patient_id})"
            ),
        )
    raise Unplanned


def _seen(compiler: Compiler, doctor: str) -> str:
    """Verified ones, and oneself."""
    return f"({doctor}.status = 'VERIFIED' OR {doctor}.id = {compiler.doctor_id})"


FIELDS: dict[str, Fields] = {
    "Query": {
        "doctor": doctors.by_registration,
        "doctors": doctors.found,
        "node": _node,
        "viewer": _viewer,
    },
    "DoctorViewer": {"doctor": _doctor, "appointments": appointments.own},
    "PatientViewer": {"patient": _patient, "appointments": appointments.own},
}
