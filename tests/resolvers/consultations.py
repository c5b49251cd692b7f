"""What the two sides of a consultation do, as clients send it."""

import json
from datetime import timedelta
from typing import Any

from domain.appointments import Appointment
from tests import make
from tests.make import NOW, Person
from tests.server import LocalServer, gid

JOIN = """
mutation ($id: ID!) {
  joinConsultation(input: {appointmentId: $id}) {
    grant { provider credentials url expiresAt }
    problems { code message path ... on OutsideWindow { opensAt closesAt } }
  }
}
"""
SEND = """
mutation ($id: ID!, $payload: String!) {
  sendConsultationSignal(input: {appointmentId: $id, payload: $payload}) { problems { code path } }
}
"""
_STANDS = "appointment { id status version endedBy } problems { code message path }"
END = f"""
mutation ($id: ID!) {{ endConsultation(input: {{appointmentId: $id}}) {{ {_STANDS} }} }}
"""
NO_SHOW = f"""
mutation ($id: ID!, $undo: Boolean) {{
  markNoShow(input: {{appointmentId: $id, undo: $undo}}) {{
    {_STANDS} problems {{ ... on OutsideWindow {{ opensAt closesAt }} }}
  }}
}}
"""
CANCEL = """
mutation ($id: ID!) {
  cancelAppointment(input: {appointmentId: $id, justification: "Houve um imprevisto."}) {
    problems { code }
  }
}
"""
SIGNALS = """
subscription ($id: ID!, $after: EventCursor) {
  consultationSignals(appointmentId: $id, after: $after) { cursor from payload at }
}
"""
PRESENCE = """
subscription ($id: ID!, $after: EventCursor) {
  consultationPresence(appointmentId: $id, after: $after) { cursor doctorPresent patientPresent }
}
"""
MINUTE = timedelta(minutes=1)


async def visit(server: LocalServer, **given: Any) -> tuple[Person, Person, Appointment]:
    """A doctor, a patient and their CONFIRMED appointment, which begins now, for half an hour."""
    doctor, ana = make.doctor(), make.patient()
    slot, made = make.visit(doctor, ana, **({"status": "CONFIRMED", "starts_at": NOW} | given))
    await server.given(doctor, ana, slot, made)
    return doctor, ana, made


async def join(server: LocalServer, who: Person, appointment: Appointment) -> dict[str, Any]:
    """The grant."""
    payload = await server.ask(JOIN, who, id=gid(appointment))
    assert payload["problems"] == []
    return payload["grant"]


async def both_in(server: LocalServer, **given: Any) -> tuple[Person, Person, Appointment]:
    doctor, ana, made = await visit(server, **given)
    for who in (doctor, ana):
        await join(server, who, made)
    return doctor, ana, made


async def send(server: LocalServer, who: Person, appointment: Appointment, *words: object) -> None:
    for word in words:
        payload = await server.ask(SEND, who, id=gid(appointment), payload=json.dumps(word))
        assert payload["problems"] == []


async def problem(
    server: LocalServer, what: str, who: Person, appointment: Appointment, **more: Any
) -> dict[str, Any]:
    """The one with which it is refused; nothing has changed."""
    async with server.unchanged(who):
        payload = await server.ask(what, who, id=gid(appointment), **more)
    [problem] = payload["problems"]
    return problem
