"""Requests and answers, from GraphQL text to rows and back."""

import asyncio
from uuid import uuid4

from domain.slots import SlotStatus
from tests import make
from tests.server import LocalServer, gid

REQUEST = """
mutation ($slot: ID!, $key: ID!, $reason: String, $consent: Boolean = true) {
  requestAppointment(
    input: {slotId: $slot, idempotencyKey: $key, reason: $reason, consent: $consent}
  ) {
    appointment { id status version respondBy reason slot { id status } patient { cpf } }
    problems { code path ... on SlotTaken { alternatives { id } } }
  }
}
"""


async def test_of_two_at_once_one_wins_and_the_other_is_offered_the_next_slot(server: LocalServer):
    doctor, ana, bruno = make.doctor(), make.patient(), make.patient()
    slot, later = make.slots(doctor, 2)
    await server.given(doctor, ana, bruno, slot, later)

    answers = await asyncio.gather(
        *(server.ask(REQUEST, who, slot=gid(slot), key=uuid4()) for who in (ana, bruno))
    )

    won, lost = sorted(answers, key=lambda answer: len(answer["problems"]))
    assert won["appointment"]["status"] == "REQUESTED"
    assert won["appointment"]["slot"] == {"id": gid(slot), "status": "BOOKED"}
    assert won["appointment"]["patient"]["cpf"].count("*") == 0
    assert lost["appointment"] is None
    [problem] = lost["problems"]
    assert problem["code"] == "SLOT_TAKEN"
    assert problem["alternatives"] == [{"id": gid(later)}]
    assert (await server.slot(slot.id)).status is SlotStatus.BOOKED
    told = [type(event).__name__ for event in await server.events(doctor)]
    assert told == ["SlotBooked", "AppointmentRequested"]
