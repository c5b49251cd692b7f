"""What is asked: documents, and the variables that take turns.

The same for all, but for PostGraphile, whose schema is made of the tables: it has a wording of its
own, and its answers are compared with the others' once names and nesting are set aside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

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
_SPECIALTIES = """
SELECT specialty FROM doctor, unnest(specialties) AS specialty WHERE status = 'VERIFIED'
GROUP BY specialty ORDER BY count(*) DESC, specialty LIMIT 8
"""
_DOCTORS = "SELECT id::text FROM doctor WHERE status = 'VERIFIED' ORDER BY id LIMIT 64"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """`given`: the variables of each request, in turn."""

    name: str
    title: str
    document: str
    given: Sequence[Mapping[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def bodies(self) -> list[str]:
        return [json.dumps({"query": self.document, "variables": each}) for each in self.given]


async def queries(database_url: str) -> list[Workload]:
    """Of what is in the demo clinic."""
    connection = await asyncpg.connect(database_url)
    try:
        specialties = await connection.fetch(_SPECIALTIES)
        doctors = await connection.fetch(_DOCTORS)
    finally:
        await connection.close()
    return [
        Workload(
            name="q1",
            title="20 doctors of a specialty with 5 slots each",
            document=SEARCH,
            given=[{"specialty": code} for (code,) in specialties],
        ),
        Workload(
            name="q2",
            title="one doctor with 5 slots",
            document=DOCTOR,
            given=[{"id": f"doctor_{id}"} for (id,) in doctors],
        ),
    ]


def comparable(answer: str) -> Any:
    """What it says, without its way of saying it: prefixes of ids, fractions of a second that are
    none. Raises AssertionError for an answer with errors, or with nothing in it.
    """
    told = json.loads(answer)
    if "errors" in told or not told["data"] or None in told["data"].values():
        raise AssertionError(answer[:500])
    return _plain(told["data"])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return value.rpartition("_")[2]
