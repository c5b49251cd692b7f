"""What people do in these tests, and what they listen to, as GraphQL."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from domain.events import Event, Position, SlotOpened
from domain.slots import Slot
from tests.make import Person
from tests.server import LocalServer, gid
from transport.errors import Unfit

SLOTS = """
subscription ($doctors: [ID!]!, $after: EventCursor) {
  slotChanges(doctorIds: $doctors, after: $after) { cursor at kind slot { id startsAt status } }
}
"""
HOLDS = """
subscription ($doctors: [ID!]!) { slotChanges(doctorIds: $doctors) { kind slot { ...Mine } } }
fragment Mine on Slot { id until: holdExpiresAt }
"""
APPOINTMENTS = """
subscription ($after: EventCursor) {
  appointmentChanges(after: $after) { cursor at kind appointment { id status slot { id } } }
}
"""
PUBLISH = """
mutation ($times: [SlotTimeInput!]!) {
  publishSlots(input: {times: $times}) { slots { id } problems { code } }
}
"""
MOVE = """
mutation ($slot: ID!, $from: DateTime!, $to: DateTime!) {
  updateSlot(input: {slotId: $slot, startsAt: $from, endsAt: $to}) {
    slot { id } problems { code }
  }
}
"""
WITHDRAW = """
mutation ($slot: ID!) {
  withdrawSlots(input: {slotIds: [$slot]}) { slots { id } problems { code } }
}
"""
HOLD = "mutation ($slot: ID!) { holdSlot(input: {slotId: $slot}) { problems { code } } }"
RELEASE = "mutation ($slot: ID!) { releaseSlot(input: {slotId: $slot}) { problems { code } } }"
REQUEST = """
mutation ($slot: ID!, $key: ID!) {
  requestAppointment(input: {slotId: $slot, idempotencyKey: $key, consent: true}) {
    appointment { id } problems { code }
  }
}
"""
ACCEPT = """
mutation ($id: ID!) {
  acceptAppointment(input: {appointmentId: $id}) { appointment { id } problems { code } }
}
"""
DECLINE = """
mutation ($id: ID!) {
  declineAppointment(input: {appointmentId: $id, justification: "I am away that week."}) {
    appointment { id } problems { code }
  }
}
"""
CANCEL = """
mutation ($id: ID!) {
  cancelAppointment(input: {appointmentId: $id, justification: "I am well again."}) {
    appointment { id } problems { code }
  }
}
"""
RESCHEDULE = """
mutation ($id: ID!, $slot: ID!) {
  rescheduleAppointment(input: {appointmentId: $id, slotId: $slot}) {
    appointment { id } problems { code }
  }
}
"""


async def do(server: LocalServer, text: str, person: Person, /, **variables: Any) -> Any:
    """The answer to a mutation that is meant to succeed."""
    answer = await server.ask(text, person, **variables)
    assert answer["problems"] == []
    return answer


async def request(server: LocalServer, patient: Person, slot: Slot) -> str:
    """The new appointment's id."""
    answer = await do(server, REQUEST, patient, slot=gid(slot), key=uuid4())
    return answer["appointment"]["id"]


async def tell(server: LocalServer, *slots: Slot) -> None:
    """That each was opened, in one transaction; the shortest way to some events."""
    await publish(
        server, *(SlotOpened(doctor_id=slot.doctor_id, slot_id=slot.id) for slot in slots)
    )


async def publish(server: LocalServer, *events: Event) -> None:
    async with server.app.works.begin() as work:
        for event in events:
            work.publish(event)


async def refusal(
    server: LocalServer, subscription: str, person: Person | None = None, /, **variables: Any
) -> str:
    """The code of the one error with which a subscription is refused."""
    with pytest.raises(Unfit) as unfit:
        async with server.listening(subscription, person, **variables):
            pass
    [error] = unfit.value.errors
    return error["extensions"]["code"]


async def read_up(server: LocalServer) -> Position:
    """How far the log reaches, once the hub has read that far: what comes later is live."""
    position = await server.settled()
    async with asyncio.timeout(5):
        while True:
            if server.app.hub.position >= position:
                return position
            await asyncio.sleep(0.005)
