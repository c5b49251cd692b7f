"""What Hypothesis makes requests and messages of, and what each of them may cost."""

import json
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.judges.running import Running

CPU_SECONDS = 0.25  # of one core, for any one input
LIMITED = settings(
    deadline=None,  # CPU_SECONDS is what counts
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
WORDS = [
    *("{", "}", "(", ")", "[", "]", ":", "!", "...", "@", "$", "|", "&", "=", "#", '"', '"""'),
    *("query", "mutation", "subscription", "fragment", "on", "include", "if", "true", "null"),
    *("__typename", "__schema", "__type", "viewer", "doctors", "node", "nodes", "id", "a", "first"),
    *("Query", "Doctor", "Int", "ID", "0", "-1", "1e999", "2147483648", "\\u0000", "é", "\0"),
]
GOOD = [
    "{ __typename }",
    "query A { __typename } query B { specialties { code } }",
    "query ($a: ID!) { node(id: $a) { id } }",
    "query ($a: DoctorFilter) { doctors(filter: $a, first: 2) { nodes { id name } } }",
    'subscription { slotChanges(doctorIds: ["doctor_0"]) { kind } }',
    "subscription ($a: EventCursor) { appointmentChanges(after: $a) { kind } }",
    'mutation { holdSlot(input: {slotId: "slot_0"}) { problems { code } } }',
]

# Half surrogate pairs, too: JSON can carry them.
text = st.text(st.characters(exclude_categories=[]), max_size=30)
value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text | st.just("a"), inner),
    max_leaves=10,
)
document = st.sampled_from(GOOD) | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
request = st.fixed_dictionaries(
    {"query": document | document | value},
    optional={
        "variables": st.dictionaries(st.sampled_from("ab"), value) | value,
        "operationName": st.sampled_from(["A", "B", "", None]) | value,
        "extensions": value
        | st.dictionaries(st.sampled_from(["persistedQuery", "operationId"]), value),
    },
)
json_text = (request | st.lists(request, max_size=3) | value).map(json.dumps)


def cheaply(server: Running, act: Callable[[], None]) -> None:
    """Does it. Fails if the worker is not the one that it was, or works for too long at it: twice,
    since once it may have had something else to do. It must remember no document, or the second
    time were another thing.
    """
    spent = _cost(server, act)
    if spent >= CPU_SECONDS:
        again = _cost(server, act)
        assert again < CPU_SECONDS, f"{spent} seconds, and {again} the second time"


def _cost(server: Running, act: Callable[[], None]) -> float:
    before = server.cpu()
    act()
    return server.cpu() - before
