"""What is asked: documents, and the variables that take turns.

The same for all, but for PostGraphile, whose schema is made of the tables: it has a wording of its
own, and its answers are compared with the others' once names and nesting are set aside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from benchmarks import postgraphile

SEARCH = """
query Search($specialty: String!) {
  doctors(filter: {specialty: $specialty}, first: 20) {
    nodes {
      id name crm uf city rating { average count }
      nextSlots(first: 5) { id startsAt endsAt status }
    }
  }
}"""
DOCTOR = """
query Doctor($id: ID!) {
  node(id: $id) {
    ... on Doctor {
      id name crm uf city rating { average count }
      nextSlots(first: 5) { id startsAt endsAt status }
    }
  }
}"""
NEAR = """
query Near($near: GeoPointInput!, $from: DateTime!, $to: DateTime!) {
  doctors(
    filter: {near: $near, withinKm: 25, availableFrom: $from, availableTo: $to}
    orderBy: DISTANCE
    first: 20
  ) {
    edges { distanceKm node { id name crm uf city rating { average count } } }
  }
}"""
AGENDA = """
query Agenda {
  viewer {
    ... on DoctorViewer {
      appointments(first: 20) {
        nodes { id status startsAt endsAt patient { id name } slot { id startsAt endsAt status } }
      }
    }
  }
}"""
OWN = 512  # requests that differ: of 64 who ask at once hardly two ask for the same
_NESTED = {"node", "rating"}  # of a row that is told in one piece elsewhere
_SPECIALTIES = """
SELECT specialty FROM doctor, unnest(specialties) AS specialty WHERE status = 'VERIFIED'
GROUP BY specialty ORDER BY count(*) DESC, specialty LIMIT 8
"""
_PLACES = """
SELECT avg(latitude) AS latitude, avg(longitude) AS longitude FROM doctor
WHERE city IS NOT NULL GROUP BY city, uf ORDER BY count(*) DESC, city, uf LIMIT 8
"""
_DOCTORS = f"SELECT id::text FROM doctor WHERE status = 'VERIFIED' ORDER BY id LIMIT {OWN}"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """`given`: the variables of each request, in turn. `peers`: those that can answer; PostGraphile
    is asked by a document of its own.
    """

    name: str
    title: str
    document: str
    given: Sequence[dict[str, Any]]
    for_postgraphile: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    peers: Sequence[str] = ("mercurius", "yoga", "postgraphile", "strawberry")

    def bodies(self, name: str) -> list[str]:
        """What a candidate of this name is asked, in turn."""
        document, given = self.document, self.given
        if name == "postgraphile":
            document, given = self.for_postgraphile, [*map(postgraphile.variables, given)]
        return [json.dumps({"query": document, "variables": each}) for each in given]


async def queries(database_url: str, token: str) -> list[Workload]:
    """Of what is in the demo clinic. `token`: of the doctor who is signed in."""
    connection = await asyncpg.connect(database_url)
    try:
        specialties = await connection.fetch(_SPECIALTIES)
        doctors = await connection.fetch(_DOCTORS)
        places = await connection.fetch(_PLACES)
    finally:
        await connection.close()
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    when = {"from": tomorrow.isoformat(), "to": (tomorrow + timedelta(days=7)).isoformat()}
    on_node = ("mercurius", "yoga", "postgraphile")
    return [
        Workload(
            name="q1",
            title="20 doctors of a specialty with 5 slots each",
            document=SEARCH,
            for_postgraphile=postgraphile.SEARCH,
            given=[{"specialty": code} for (code,) in specialties],
        ),
        Workload(
            name="q2",
            title="one doctor with 5 slots",
            document=DOCTOR,
            for_postgraphile=postgraphile.DOCTOR,
            given=[{"id": f"doctor_{id}"} for (id,) in doctors],
        ),
        Workload(
            name="q3",
            title="20 doctors within 25 km who have time next week, the nearest first",
            document=NEAR,
            for_postgraphile=postgraphile.NEAR,
            given=[{"near": dict(place), **when} for place in places],
            peers=on_node,
        ),
        Workload(
            name="q5",
            title="as Q3, but from 512 places",
            document=NEAR,
            for_postgraphile=postgraphile.NEAR,
            given=[
                {"near": _beside(place, n), **when}
                for n in range(OWN // len(places))
                for place in places
            ],
            peers=on_node,
        ),
        Workload(
            name="q4",
            title="20 appointments of a signed-in doctor, each with patient and slot",
            document=AGENDA,
            for_postgraphile=postgraphile.AGENDA,
            given=[{}],
            headers={"authorization": f"Bearer {token}"},
            peers=on_node,
        ),
    ]


def _beside(place: Mapping[str, float], number: int) -> dict[str, float]:
    """Some ten metres further north for each number."""
    return {**place, "latitude": place["latitude"] + number * 1e-4}


def comparable(answer: str) -> Any:
    """What it says, without its way of saying it. Raises AssertionError for an answer with errors,
    or with nothing in it.
    """
    told = json.loads(answer)
    if "errors" in told or not told["data"] or None in told["data"].values():
        raise AssertionError(answer[:500])
    return _plain(told["data"])


def _plain(value: Any) -> Any:
    """Prefixes of ids, fractions of a second that are none and what is but nesting: all away."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        parts = {key: _plain(each) for key, each in value.items()}
        if len(parts) == 1 and isinstance(listed := parts.get("nodes", parts.get("edges")), list):
            return listed
        for name in _NESTED & parts.keys():
            if isinstance(part := parts[name], dict):
                del parts[name]
                parts |= part
        return parts
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return value.rpartition("_")[2]
