import time

import orjson
import pytest
from graphql import get_introspection_query

from domain.errors import Forbidden
from schema import paging
from schema.sizes import SIZES
from tests import make
from tests.transport.world import Caller, Context, schema
from transport.documents import Documents
from transport.errors import Unfit
from transport.execution import Operations, core_schema
from transport.limits import Limits
from transport.sizes import Sizes
from wiring.schema import graphql_schema

CORE = core_schema(graphql_schema)
DOCUMENTS = Documents(CORE, sizes=Sizes(CORE, SIZES, most_first=paging.MOST))
WEEK = '(from: "2030-01-07T00:00:00Z", to: "2030-01-14T00:00:00Z")'
SEARCH = """
  query Search($first: Int, $slots: Int = 5, $reviews: Int = 3) {
    doctors(filter: {specialty: "cardiology"}, first: $first) {
      edges {
        cursor
        distanceKm
        node {
          id name crm uf
          rating { average count }
          location { latitude longitude }
          specialties { code name }
          nextSlots(first: $slots) { id startsAt doctor { id name } }
          reviews(first: $reviews) { nodes { stars comment } pageInfo { hasNextPage } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
"""


def cost(text: str, **variables: object) -> int:
    return DOCUMENTS.prepare(text).plan.cost(variables)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 0),
        ("{ eventCursor }", 1),
        ("{ viewer { ... on PatientViewer { email patient { id } } } }", 2),
        ("{ ...V } fragment V on Query { viewer { ... on PatientViewer { patient { id } } } }", 2),
        ('{ doctor(crm: "1", uf: SP) { name rating { count } location { latitude } } }', 3),
        ("{ specialties { code } }", 55),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 3),
        ('{ nodes(ids: "a") { id } }', 1),
        ("{ nodes(ids: 1" + "0" * 5000 + ") { id } }", 1),
        ("{ doctors { pageInfo { endCursor } } }", 2),
        ("{ doctors { nodes { id } } }", 1 + 20),
        ("{ doctors(first: null) { nodes { id } } }", 1 + 20),
        ("{ doctors(first: 3) { nodes { id } edges { node { id } } } }", 1 + 3 + 3 * 2),
        ("{ doctors(first: 0) { nodes { id } } }", 1),
        ("{ doctors(first: -7) { nodes { id } } }", 1),
        ("{ doctors(first: 2) { nodes { specialties { code } } } }", 1 + 2 * (1 + 2)),
        ("{ doctors(first: 2) { nodes { nextSlots { id } } } }", 1 + 2 * (1 + 5)),
        ("{ doctors(first: 2) { nodes { nextSlots(first: 7) { doctor { id } } } } }", 1 + 2 * 15),
        (f'{{ doctor(crm: "1", uf: SP) {{ slots{WEEK} {{ id }} }} }}', 1 + 7 * 16),
        ("{ doctors(first: 1000000000) { nodes { id } } }", 101),  # which the resolver refuses
        ('mutation { holdSlot(input: {slotId: "a"}) { expiresAt } }', 11),
        ('mutation { holdSlot(input: {slotId: "a"}) { slot { id } problems { code } } }', 15),
        ('mutation { withdrawSlots(input: {slotIds: ["a", "b"]}) { slots { id } } }', 13),
        ("subscription { appointmentChanges { at appointment { doctor { id } } } }", 3),
        ('subscription { slotChanges(doctorIds: ["a", "b"]) { at slot { id } } }', 4),
        # Fragments on several types are added up: it is a bound, not a guess.
        ("{ node(id: 1) { ... on Doctor { rating { count } } ... on Slot { doctor { id } } } }", 3),
    ],
)  # fmt: skip
def test_a_cost_counts_the_objects_that_are_asked_for(text, expected):
    assert cost(text) == expected


def test_variables_count_as_what_they_are_or_default_to():
    slots = 'query ($from: DateTime!, $to: DateTime!) { doctor(crm: "1", uf: SP) { slots(from: $from, to: $to) { id } } }'  # noqa: E501
    first = "query ($n: Int = 7) { doctors(first: $n) { nodes { id } } }"
    unset = "query ($n: Int) { doctors(first: $n) { nodes { id } } }"
    ids = "query ($id: ID!, $ids: [ID!]!) { some: nodes(ids: [$id, $id]) { id } nodes(ids: $ids) { id } }"  # noqa: E501

    assert cost(first) == 1 + 7
    assert cost(first, n=3) == 1 + 3
    assert cost(first, n=None) == cost(unset) == cost(unset, n="x") == 1 + 20
    assert cost(first, n=10**9) == 1 + 100
    assert cost(ids, id="a", ids=["a"] * 5) == 2 + 5
    assert cost(slots, **{"from": "2030-01-07T00:00:00Z", "to": "2030-01-08T00:00:01Z"}) == 1 + 32
    assert cost(slots, **{"from": "nonsense", "to": 7}) == 1 + 62 * 16


def test_the_pages_own_queries_are_far_from_the_budget_and_the_dearest_are_beyond_it():
    budget = Limits().budget
    everything = get_introspection_query(input_value_deprecation=True)

    assert cost(SEARCH, first=20) < budget / 10
    assert cost(SEARCH, first=100) < budget
    assert cost(everything) < budget / 2
    assert cost(f"{{ doctors {{ nodes {{ slots{WEEK} {{ id }} }} }} }}") < budget / 2
    assert cost("{ doctors(first: 100) { nodes { nextSlots(first: 50) { id } } } }") < budget
    assert (
        cost("{ doctors(first: 100) { nodes { nextSlots(first: 50) { doctor { id } } } } }")
        > budget
    )


def test_every_list_of_the_schema_has_a_size():
    missing = Sizes(CORE, SIZES).missing()

    assert not missing, f"schema/sizes.py says nothing of {', '.join(missing)}"


@pytest.mark.parametrize(
    "anything", [None, True, -1, 1e300, "", "2030-02-31T00:00:00Z", [], [[7]], {}]
)
def test_a_size_is_answered_whatever_the_arguments_are(anything):
    nested = [anything, {"times": anything}, {"times": {"times": anything}}]
    for size in SIZES.values():
        if callable(size):
            assert size({}) >= 0
            for value in nested:
                names = ("from", "to", "ids", "doctorIds", "input")
                assert size(dict.fromkeys(names, value)) >= 0


def test_a_cost_is_reckoned_in_microseconds():
    plan = DOCUMENTS.prepare(SEARCH).plan
    variables = {"first": 20, "slots": 5}

    took = min(_timed(lambda: plan.cost(variables)) for _ in range(50))

    assert took < 0.0005  # measured: 12 µs; this is for a busy machine


def _timed(act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


class Door:
    """Operations on the small schema; a budget of 10."""

    def __init__(self, admit=None) -> None:
        self.contexts = 0
        self.documents = Documents(core_schema(schema))
        self.operations = Operations(
            schema,
            authenticate=lambda *_: Caller(None),
            make_context=self._context,
            admit=admit,
            limits=Limits(budget=10, variable_values=5, object_fields=2),
        )

    def _context(self, caller, fields, _):
        self.contexts += 1
        return Context(caller, fields, None, None)  # type: ignore[arg-type]

    async def answer(self, text: str, **variables):
        operation = self.documents.prepare(text)
        return orjson.loads(await self.operations.answer(operation, variables, Caller("ana")))


async def test_an_answer_tells_its_cost_even_if_it_failed():
    door = Door()

    told = {"cost": {"requested": 2, "budget": 10}}
    assert await door.answer("{ who hello }") == {
        "data": {"who": "ana", "hello": "Hello you"},
        "extensions": told,
    }
    assert (await door.answer("{ strict hello }"))["extensions"] == told


async def test_what_is_too_dear_is_refused_with_its_cost_before_anything_runs():
    door = Door()
    await door.answer("{ words { __typename } }")
    assert door.contexts == 1

    with pytest.raises(Unfit) as refused:
        await door.answer("{ words { __typename } who }")

    [error] = refused.value.errors
    assert error["extensions"] == {"code": "TOO_COMPLEX", "cost": 11, "budget": 10}
    assert "costs 11, and the budget is 10" in error["message"]
    assert door.contexts == 1


async def test_a_stream_is_reckoned_when_it_is_asked_for():
    door = Door()
    operation = door.documents.prepare('subscription { changes(topic: "a") { word } }')
    door.operations._limits = Limits(budget=0)

    with pytest.raises(Unfit) as refused:
        await door.operations.subscribe(operation, {}, Caller("ana"))

    assert refused.value.errors[0]["extensions"]["cost"] == 1


async def test_whoever_admits_operations_is_told_the_cost_and_may_refuse():
    told = []

    async def admit(caller, operation, cost):
        told.append((caller.name, operation.type, cost))
        if cost > 1:
            raise Forbidden("Not today.")

    door = Door(admit)
    await door.answer("{ who }")
    with pytest.raises(Unfit) as refused:
        await door.answer("{ who hello }")

    assert told == [("ana", "query", 1), ("ana", "query", 2)]
    assert refused.value.errors == [{"message": "Not today.", "extensions": {"code": "FORBIDDEN"}}]
    assert door.contexts == 1


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([1, 2, 3, 4], None),
        ([1, 2, 3, 4, 5], "TOO_COMPLEX"),
        ([[[1]], 2], None),
        ([[[1]], {"a": 2}], "TOO_COMPLEX"),
        ({"a": 1, "b": 2}, None),
        ({"a": 1, "b": 2, "c": 3}, "TOO_COMPLEX"),
        (["a\0b"], "BAD_USER_INPUT"),
        ({"a": {"b": "\0"}}, "BAD_USER_INPUT"),
    ],
)
async def test_variables_are_counted_before_anything_is_made_of_them(value, code):
    door = Door()

    if code is None:
        await door.answer("{ who }", v=value)
        return
    with pytest.raises(Unfit) as refused:
        await door.answer("{ who }", v=value)
    assert refused.value.errors[0]["extensions"] == {"code": code}
    assert door.contexts == 0


@pytest.mark.parametrize("field", ["doctors", "reviews", "nextSlots", "appointments"])
async def test_a_first_beyond_its_bound_is_refused_by_its_resolver(running_server, field):
    """`most_first` relies on it."""
    server = running_server
    doctor = make.doctor()
    await server.given(doctor)
    asked = {
        "doctors": "{ doctors(first: 101) { nodes { id } } }",
        "appointments": "{ viewer { ... on DoctorViewer { appointments(first: 101) { nodes { id } } } } }",  # noqa: E501
    }
    inner = f"{field}(first: 101) {{ __typename }}"
    one = f'{{ doctor(crm: "{doctor.who.crm}", uf: {doctor.who.uf.name}) {{ {inner} }} }}'

    assert await server.refuse(asked.get(field, one), doctor) == "BAD_USER_INPUT"
