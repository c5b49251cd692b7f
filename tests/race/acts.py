"""Acts as clients send them, and what came of them in a word: `DONE`, or the problem's code."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.make import Person
from tests.server import LocalServer, gid

DONE = "DONE"
_PROBLEMS = "problems { code ... on SlotTaken { alternatives { id status } } }"
_BY_APPOINTMENT = (
    "mutation ($id: ID!, $seen: Int) {{ {name}(input: {{{input}}}) {{ {problems} }} }}"
)
_IDS = "appointmentId: $id, expectedVersion: $seen"
_WHY = 'justification: "Something has come up."'


def _on_appointment(name: str, *more: str) -> str:
    given = ", ".join((_IDS, *more))
    return _BY_APPOINTMENT.format(name=name, input=given, problems=_PROBLEMS)


def _on_slot(name: str) -> str:
    return f"mutation ($id: ID!) {{ {name}(input: {{slotId: $id}}) {{ {_PROBLEMS} }} }}"


ACCEPT = _on_appointment("acceptAppointment")
DECLINE = _on_appointment("declineAppointment", _WHY)
CANCEL = _on_appointment("cancelAppointment", _WHY)
HOLD, RELEASE = _on_slot("holdSlot"), _on_slot("releaseSlot")
REQUEST = f"""
mutation ($id: ID!, $key: ID!) {{
  requestAppointment(input: {{slotId: $id, idempotencyKey: $key, consent: true}}) {{
    appointment {{ id }} {_PROBLEMS}
  }}
}}
"""
RESCHEDULE = f"""
mutation ($id: ID!, $slot: ID!, $seen: Int) {{
  rescheduleAppointment(input: {{{_IDS}, slotId: $slot}}) {{ {_PROBLEMS} }}
}}
"""
PUBLISH = f"""
mutation ($times: [SlotTimeInput!]!) {{
  publishSlots(input: {{times: $times}}) {{ slots {{ id }} {_PROBLEMS} }}
}}
"""
MOVE = f"""
mutation ($id: ID!, $startsAt: DateTime!, $endsAt: DateTime!) {{
  updateSlot(input: {{slotId: $id, startsAt: $startsAt, endsAt: $endsAt}}) {{ {_PROBLEMS} }}
}}
"""
WITHDRAW = (
    f"mutation ($ids: [ID!]!) {{ withdrawSlots(input: {{slotIds: $ids}}) {{ {_PROBLEMS} }} }}"
)


def outcome(answer: Any) -> str:
    codes = {problem["code"] for problem in answer["problems"]}
    return "+".join(sorted(codes)) or DONE


async def act(server: LocalServer, document: str, who: Person, on: Any, **given: Any) -> str:
    """On a slot or an appointment, or its public id; any error fails the test."""
    id = on if isinstance(on, str) else gid(on)
    return outcome(await server.ask(document, who, id=id, **given))


async def request(server: LocalServer, who: Person, slot: Any) -> str:
    return await act(server, REQUEST, who, slot, key=uuid4())


def time(starts_at: datetime, ends_at: datetime) -> dict[str, datetime]:
    return {"startsAt": starts_at, "endsAt": ends_at}
