"""The same questions in PostGraphile's words: its schema is made of the tables.

It tells ids as they are in the tables, and a place in a list by nodes alone.
"""

_DOCTOR = "id: rowId name crm uf city average count: ratingCount"
_SLOT = "id: rowId startsAt endsAt status: now"

SEARCH = f"""
query Search($specialty: String!) {{
  doctors: peerDoctorsOf(specialty: $specialty, first: 20) {{
    nodes {{ {_DOCTOR} nextSlots(first: 5) {{ nodes {{ {_SLOT} }} }} }}
  }}
}}"""
DOCTOR = f"""
query Doctor($id: UUID!) {{
  node: doctorByRowId(rowId: $id) {{ {_DOCTOR} nextSlots(first: 5) {{ nodes {{ {_SLOT} }} }} }}
}}"""
NEAR = f"""
query Near($latitude: Float!, $longitude: Float!, $from: Datetime!, $to: Datetime!) {{
  doctors: peerDoctorsNear(
    latitude: $latitude, longitude: $longitude, withinKm: 25
    availableFrom: $from, availableTo: $to, first: 20
  ) {{
    nodes {{ distanceKm(latitude: $latitude, longitude: $longitude) {_DOCTOR} }}
  }}
}}"""
AGENDA = f"""
query Agenda {{
  viewer: peerViewingDoctor {{
    appointments: latest(first: 20) {{
      nodes {{
        id: rowId status: now startsAt endsAt
        patient: patientByPatientId {{ id: rowId name }} slot: slotBySlotId {{ {_SLOT} }}
      }}
    }}
  }}
}}"""


def variables(given: dict[str, object]) -> dict[str, object]:
    """As it takes them: numbers for points, ids without their prefix."""
    told = {**given, **(near if isinstance(near := given.get("near"), dict) else {})}
    told.pop("near", None)
    if isinstance(id := told.get("id"), str):
        told["id"] = id.partition("_")[2]
    return told
