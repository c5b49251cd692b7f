"""What the demo asks of the server: its GraphQL documents."""

SIGN_IN_PATIENT = """
mutation SignInPatient($input: SignInPatientInput!) {
  signInPatient(input: $input) {
    session { accessToken viewer { ... on PatientViewer { patient { name } } } }
    problems { code message }
  }
}"""
SIGN_IN_DOCTOR = """
mutation SignInDoctor($input: SignInDoctorInput!) {
  signInDoctor(input: $input) {
    session {
      accessToken
      viewer { ... on DoctorViewer { doctor { id name crm uf timeZone } } }
    }
    problems { code message }
  }
}"""
CURSOR = "query Cursor { eventCursor }"
SEARCH = """
query Search($filter: DoctorFilter!) {
  doctors(filter: $filter, orderBy: DISTANCE, first: 5) {
    edges {
      distanceKm
      node {
        id name city timeZone
        rating { average count }
        nextSlots(first: 3) { startsAt }
      }
    }
  }
}"""
NEXT_SLOTS = """
query NextSlots($crm: String!, $uf: UF!) {
  doctor(crm: $crm, uf: $uf) { nextSlots(first: 50) { id startsAt endsAt } }
}"""
OWN_APPOINTMENTS = """
query OwnAppointments {
  viewer {
    ... on PatientViewer {
      appointments(status: [REQUESTED, CONFIRMED, IN_PROGRESS], first: 100) {
        nodes { id status reason startsAt endsAt }
      }
    }
  }
}"""
HELD_SLOTS = """
query HeldSlots($from: DateTime!, $to: DateTime!) {
  viewer { ... on DoctorViewer { slots(from: $from, to: $to, status: [HELD]) { id } } }
}"""
WHOSE_HOLDS = (
    "query WhoseHolds($ids: [ID!]!) { nodes(ids: $ids) { ... on Slot { id holdExpiresAt } } }"
)
HOLD = """
mutation Hold($input: HoldSlotInput!) {
  holdSlot(input: $input) { expiresAt problems { code message } }
}"""
RELEASE = """
mutation Release($input: ReleaseSlotInput!) {
  releaseSlot(input: $input) { problems { code message } }
}"""
REQUEST = """
mutation Request($input: RequestAppointmentInput!) {
  requestAppointment(input: $input) { appointment { id status } problems { code message } }
}"""
ACCEPT = """
mutation Accept($input: AcceptAppointmentInput!) {
  acceptAppointment(input: $input) { appointment { id version status } problems { code message } }
}"""
CANCEL = """
mutation Cancel($input: CancelAppointmentInput!) {
  cancelAppointment(input: $input) { appointment { id status } problems { code message } }
}"""
SLOT_CHANGES = """
subscription SlotChanges($doctorIds: [ID!]!, $after: EventCursor) {
  change: slotChanges(doctorIds: $doctorIds, after: $after) {
    kind
    subject: slot { id status startsAt }
  }
}"""
APPOINTMENT_CHANGES = """
subscription AppointmentChanges($after: EventCursor) {
  change: appointmentChanges(after: $after) {
    kind
    subject: appointment {
      id version status startsAt reason justification
      patient { name }
      doctor { name }
    }
  }
}"""
