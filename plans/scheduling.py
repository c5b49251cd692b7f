"""A request for a slot that somebody else has by now, refused by one statement.

In a rush nearly all come too late, and need neither locks nor a transaction of many steps to be
told so: that the slot is not to be had is true if a row that has been committed says it. The key is
kept with the refusal, by the same statement. Whoever may get the slot, or is to be told anything
else, goes the long way of `domain.scheduling.request`. So does the first who asks for a slot: there
is no rush yet, and most slots are asked for once.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from domain import idempotency, scheduling
from domain.auth import RequestAppointment, Role
from domain.ids import PatientId, SlotId
from domain.slots import SlotTaken
from persistence.answers import content_of
from persistence.slots import OPEN, open_near
from plans.compiler import Compiler, Fields, Request, Unplanned
from plans.pieces import NULL, Literal, Pieces, many
from plans.selections import Selected
from schema import ids
from schema.appointments import RequestAppointmentInput
from schema.problems import plain

# Keys are claimed in their order, so that nobody waits in a circle. A key that is there already,
# or that comes twice in one batch with different inputs, is for the long way to look at.
_REFUSED = """
WITH asked AS (SELECT * FROM {asked}),
taken AS (
  SELECT DISTINCT ON ({patient}, {key})
    asked.number AS of, {patient} AS patient_id, {key} AS key, {fingerprint} AS fingerprint,
    {kept} AS kept, {at} AS at, slot.*
  FROM asked
  JOIN slot ON slot.id = {slot} AND {open} IS NOT TRUE AND slot.starts_at > {at}
    AND slot.held_by IS DISTINCT FROM {patient}
  JOIN doctor ON doctor.id = slot.doctor_id AND doctor.status = 'VERIFIED'
  JOIN patient ON patient.id = {patient} AND patient.cpf_standing IS DISTINCT FROM 'VOID'
  ORDER BY {patient}, {key}, asked.number
),
claimed AS (
  INSERT INTO idempotency_key (user_id, key, fingerprint, answer, claimed_at)
  SELECT patient_id, key, fingerprint, kept, at FROM taken ORDER BY patient_id, key
  ON CONFLICT DO NOTHING RETURNING user_id, key
)
SELECT CASE WHEN claimed.key IS NOT NULL THEN {answer} END AS answer
FROM asked
LEFT JOIN taken ON taken.of = asked.number
LEFT JOIN claimed ON claimed.user_id = taken.patient_id AND claimed.key = taken.key
ORDER BY asked.number
"""

REMEMBERED = 10_000  # slots that were asked for last
_ID = len(f"slot_{UUID(int=0)}")


class _AskedFor:
    """Slots, of this process."""

    def __init__(self) -> None:
        self._slots: OrderedDict[str, None] = OrderedDict()

    def before(self, variables: Mapping[str, Any]) -> bool:
        """Whether theirs was, before they are as much as read; and from now on it is.

        Literals are not looked at: what many ask for at once they ask by one program.
        """
        slot = next(_slots_of(variables), None)
        if slot is None:
            return False
        known = slot in self._slots
        self._slots[slot] = None
        self._slots.move_to_end(slot)
        if len(self._slots) > REMEMBERED:
            self._slots.popitem(last=False)
        return known


def _slots_of(variables: Mapping[str, Any]) -> Iterator[str]:
    for value in variables.values():
        for each in value.values() if isinstance(value, dict) else (value,):
            if isinstance(each, str) and len(each) == _ID and each.startswith("slot_"):
                yield each


asked_for = _AskedFor()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """`kept`: the refusal, as it will be given again under this key."""

    slot_id: SlotId
    key: UUID
    fingerprint: bytes
    kept: str


def requested(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    """Mutation.requestAppointment, refused with SLOT_TAKEN."""
    limits, viewer = compiler.limits, compiler.request.viewer
    if viewer is None or viewer.role is not Role.PATIENT:
        raise Unplanned

    def read(**given: Any) -> _Wanted:
        input = RequestAppointmentInput(**given)
        if scheduling.faults_of(input.reason, input.acceptance(), limits):
            raise Unplanned
        slot_id, fingerprint = ids.read_slot(input.slot_id), input.fingerprint()
        answer = idempotency.refused(fingerprint, SlotTaken(slot_id))
        return _Wanted(
            slot_id=slot_id,
            key=idempotency.read_key(input.idempotency_key),
            fingerprint=fingerprint,
            kept=content_of(answer),
        )

    told = compiler.input("Mutation", selected, read)

    def patient(request: Request) -> PatientId | None:
        own = request.viewer.patient_id if request.viewer else None
        if own is None:
            raise Unplanned
        action = RequestAppointment(patient_id=own, slot_id=told.of(request).slot_id)
        return own if request.viewer and action.allows(request.viewer) else None

    slot = compiler.put((told, "slot"), "uuid", lambda request: told.of(request).slot_id)
    columns = {
        "patient": compiler.put((told, "patient"), "uuid", patient),
        "slot": slot,
        "key": compiler.put((told, "key"), "uuid", lambda request: told.of(request).key),
        "fingerprint": compiler.put(
            (told, "fingerprint"), "bytea", lambda request: told.of(request).fingerprint
        ),
        "kept": compiler.put((told, "kept"), "jsonb", lambda request: told.of(request).kept),
    }
    pieces = compiler.object("AppointmentPayload", selected.sets, "taken")
    compiler.act(
        lambda answer, asked: _REFUSED.format(
            answer=answer,
            asked=asked,
            at=compiler.at,
            open=OPEN.format(at=compiler.at),
            **columns,
        )
    )
    return pieces


def _problems(compiler: Compiler, selected: Selected, taken: str) -> Pieces:
    problem = compiler.object("SlotTaken", selected.sets, taken)
    return [Literal("["), *problem, Literal("]")]


def _alternatives(compiler: Compiler, selected: Selected, taken: str) -> Pieces:
    row = compiler.alias("slot")
    near = open_near(
        doctor=f"{taken}.doctor_id",
        starts_at=f"{taken}.starts_at",
        at=compiler.at,
        limit=f"{compiler.limits.alternatives:d}",
        but=f"{taken}.id",
    )
    return many(compiler.object("Slot", selected.sets, row), f"FROM ({near}) AS {row}")


_SAID = {
    name: Literal(orjson.dumps(value, default=lambda code: code.value).decode())
    for name, value in plain(SlotTaken(SlotId(UUID(int=0)))).items()
}
FIELDS: dict[str, Fields] = {
    "Mutation": {"requestAppointment": requested},
    "AppointmentPayload": {
        "appointment": lambda _, __, ___: [NULL],
        "problems": _problems,
    },
    "SlotTaken": {
        "code": lambda _, __, ___: [_SAID["code"]],
        "message": lambda _, __, ___: [_SAID["message"]],
        "path": lambda _, __, ___: [_SAID["path"]],
        "alternatives": _alternatives,
    },
}
