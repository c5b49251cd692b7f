"""What people do with appointments, as clients send it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.slots import Slot
from tests.make import NOW, Person
from tests.server import LocalServer, gid

REQUEST = """
mutation ($slot: ID!, $key: ID!, $reason: String, $consent: Boolean = true) {
  requestAppointment(
    input: {slotId: $slot, idempotencyKey: $key, reason: $reason, consent: $consent}
  ) {
    appointment { id status version respondBy reason slot { id status } patient { cpf } }
    problems { code path ... on SlotTaken { alternatives { id status } } }
  }
}
"""
ANSWER = """{
  appointment {
    id status version justification endedBy respondBy startsAt endsAt slot { id status }
  }
  problems {
    code path
    ... on SlotTaken { alternatives { id } }
    ... on VersionConflict { current { id status version } }
  }
}"""
ACCEPT = f"""
mutation ($id: ID!, $seen: Int) {{
  acceptAppointment(input: {{appointmentId: $id, expectedVersion: $seen}}) {ANSWER}
}}
"""
DECLINE = f"""
mutation ($id: ID!, $why: String = "The doctor is at a congress.", $seen: Int) {{
  declineAppointment(
    input: {{appointmentId: $id, justification: $why, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
CANCEL = f"""
mutation ($id: ID!, $why: String = "Something has come up.", $seen: Int) {{
  cancelAppointment(
    input: {{appointmentId: $id, justification: $why, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
RESCHEDULE = f"""
mutation ($id: ID!, $slot: ID!, $seen: Int) {{
  rescheduleAppointment(
    input: {{appointmentId: $id, slotId: $slot, expectedVersion: $seen}}
  ) {ANSWER}
}}
"""
LOOK = """
query ($id: ID!) { node(id: $id) { ... on Appointment {
  status version endedBy justification slot { id status }
} } }
"""
OPEN = """
query ($doctor: ID!, $from: DateTime!, $to: DateTime!) {
  node(id: $doctor) { ... on Doctor { slots(from: $from, to: $to) { id status } } }
}
"""
LIST = """
query ($status: [AppointmentStatus!]) { viewer { ... on PatientViewer {
  appointments(status: $status) { nodes { id status version } }
} } }
"""
ACTS = {"accept": ACCEPT, "decline": DECLINE, "cancel": CANCEL}
LATER = NOW + timedelta(days=3)


async def request(server: LocalServer, patient: Person, slot: Slot, **more: Any) -> Any:
    return await server.ask(REQUEST, patient, slot=gid(slot), key=uuid4(), **more)


def code_of(answer: Any) -> str:
    """Of the one problem of an answer that brings nothing else."""
    assert answer["appointment"] is None
    [problem] = answer["problems"]
    return problem["code"]


def done(answer: Any) -> Any:
    """What an answer without problems brings."""
    assert answer["problems"] == []
    return answer["appointment"]


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
