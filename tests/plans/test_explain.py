"""The main queries go by indexes: what they cost does not grow with all that there is.

On 20,000 doctors and 200,000 slots, of which each may look at a small part.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from graphql import parse

from benchmarks import crowd
from domain import clock
from domain.auth import Role, Viewer
from domain.ids import DoctorId, UserId
from domain.limits import Limits
from domain.search import DoctorSearch
from persistence import database, search
from persistence.search import Sought
from plans.compiler import Request
from plans.plans import Plans
from tests.conftest import TEMPLATE, create_database, url_of
from tests.plans.explained import explained, nodes, read_in_full
from tests.server import owner_url
from transport.execution import core_schema
from wiring.schema import graphql_schema

DOCTORS, SLOTS_EACH = 20_000, 10
NAMED = "{ nodes { id name rating { average } nextSlots(first: 5) { id startsAt } } }"


@dataclass(frozen=True)
class Large:
    pool: database.Pool
    plans: Plans
    doctor_id: DoctorId

    async def plan(
        self, query: str, variables: Mapping[str, Any], role: Role = Role.DOCTOR
    ) -> dict[str, Any]:
        """What Postgres would do for an operation, as the viewer that a doctor is, or would be."""
        document = parse(query)
        [definition] = document.definitions
        viewer = Viewer(user_id=UserId(self.doctor_id), role=role)
        coerced = self.plans._coerced(definition, variables)
        request = Request(coerced, viewer, clock.now())
        kept = self.plans._make(document, definition, request)
        assert kept is not None, "it is not mapped"
        columns = [[value] for value in kept.plan.row(request)]
        return await explained(self.pool, kept.plan.statement, *columns)


@pytest.fixture(scope="module")
async def large(worker_id: str) -> AsyncGenerator[Large]:
    name = f"large_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    connection = await asyncpg.connect(owner_url(url_of(name)))
    await crowd.fill(connection, doctors=DOCTORS, slots=SLOTS_EACH)
    doctor_id = await connection.fetchval("SELECT id FROM doctor LIMIT 1")
    await connection.close()
    pool = await database.connect(url_of(name), size=1)
    plans = Plans(graphql_schema, core_schema(graphql_schema), pool, Limits())
    yield Large(pool, plans, DoctorId(doctor_id))
    await pool.close()


SOON = clock.now() + timedelta(days=1)
QUERIES = {
    "all, the best rated first": (f"{{ doctors {NAMED} }}", {}),
    "all, by name": (f"{{ doctors(orderBy: NAME) {NAMED} }}", {}),
    "of a specialty": (
        f"query ($code: String!) {{ doctors(filter: {{specialty: $code}}) {NAMED} }}",
        {"code": "cardiologia"},
    ),
    "near": (
        f"""query ($near: GeoPointInput!, $from: DateTime!) {{
          doctors(filter: {{near: $near, withinKm: 5, availableFrom: $from}}) {NAMED}
        }}""",
        {"near": {"latitude": -23.55, "longitude": -46.63}, "from": SOON.isoformat()},
    ),
    "near, however far": (
        f"query ($near: GeoPointInput!) {{ doctors(filter: {{near: $near}}) {NAMED} }}",
        {"near": {"latitude": -23.55, "longitude": -46.63}},
    ),
    "by registration": ('{ doctor(crm: "1000001", uf: SP) { id } }', {}),
    "by id": (
        "query ($id: ID!) { node(id: $id) { id ... on Doctor { nextSlots { id } } } }",
        {"id": "doctor_01a21f00-0000-7000-8000-000000000000"},
    ),
    "an agenda": (
        """{ viewer { ... on DoctorViewer { appointments {
          nodes { id patient { name } slot { id } }
        } } } }""",
        {},
    ),
}


async def test_nor_does_a_refusal_of_what_is_taken(large: Large):
    request = """mutation ($input: RequestAppointmentInput!) {
      requestAppointment(input: $input) { problems { ... on SlotTaken { alternatives { id } } } }
    }"""
    id = "01a21f00-0000-7000-8000-000000000000"
    input = {"slotId": f"slot_{id}", "idempotencyKey": id, "consent": True}

    plan = await large.plan(request, {"input": input}, Role.PATIENT)

    assert read_in_full(plan) == set()


@pytest.mark.parametrize("asked", QUERIES)
async def test_a_query_looks_at_no_big_table_as_a_whole(large: Large, asked: str):
    plan = await large.plan(*QUERIES[asked])

    assert read_in_full(plan) == set()


async def test_the_best_of_a_specialty_are_read_in_order(large: Large):
    plan = await large.plan(*QUERIES["of a specialty"])

    kinds = {each["Node Type"] for each in nodes(plan)}
    assert not kinds & {"Sort", "Incremental Sort", "Bitmap Heap Scan"}
    indexes = {each.get("Index Name") for each in nodes(plan)}
    assert "ix_doctor_specialty_order" in indexes


@pytest.mark.parametrize("asked", ["near", "near, however far"])
async def test_who_is_near_is_looked_at_in_the_order_of_distance(large: Large, asked: str):
    plan = await large.plan(*QUERIES[asked])

    assert [each["Relation Name"] for each in nodes(plan) if "Order By" in each] == ["doctor"]
    assert "Sort" not in {each["Node Type"] for each in nodes(plan)}


async def test_who_is_free_soonest_is_found_by_the_next_slots(large: Large):
    """Only if they do not fill the page each doctor is asked, which Postgres cannot know."""
    which = "filter: {specialty: $code}, orderBy: SOONEST"
    plan = await large.plan(
        f"query ($code: String!) {{ doctors({which}) {NAMED} }}", {"code": "cardiologia"}
    )

    [soon] = [each for each in nodes(plan) if each.get("Subplan Name") == "CTE soon"]
    assert "Sort" not in {each["Node Type"] for each in nodes(soon)}
    indexes = {each.get("Index Name") for each in nodes(soon)} - {None}
    assert "ix_slot_starts_at_doctor_id" in indexes
    assert read_in_full(plan) == set()


async def test_a_search_by_name_goes_by_its_index(large: Large):
    sought = Sought(wanted=DoctorSearch(name="helena prado siq"), after=None, limit=21)
    statement, arguments = search.statement(sought, at=clock.now())

    plan = await explained(large.pool, statement, *arguments)

    assert read_in_full(plan) == set()


async def test_what_has_no_index_would_be_noticed(large: Large):
    plan = await explained(large.pool, "SELECT FROM doctor WHERE city = 'Recife'")

    assert read_in_full(plan) == {"doctor"}
