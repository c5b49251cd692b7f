"""Plans of Postgres, as its JSON has them: which tables and indexes are gone through."""

import json
from collections.abc import Iterator
from typing import Any

# Those that grow with a clinic and its years.
BIG = frozenset(
    {
        *(
            "doctor",
            "doctor_specialty",
            "slot",
            "account",
            "appointment",
            "patient",
            "review",
            "session",
        ),
        *("event", "audit_entry", "record_access", "document", "share"),
        *("consultation", "visit_note", "paper", "access_request", "in_person_request"),
    }
)
_BOUNDS = ("Index Cond", "Order By", "Recheck Cond")
_FEW = 100  # of what Postgres reckons costs in: an index of some rows alone may be read in full


async def explained(connection: Any, statement: str, *arguments: Any) -> dict[str, Any]:
    [plan] = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments))
    node: dict[str, Any] = plan["Plan"]
    return node


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def read_in_full(plan: dict[str, Any], *, bounded: bool = False) -> set[str]:
    """Big tables of which every row is looked at, or every entry of an index. `bounded`: until a
    page is full, which is as it should be.
    """
    if plan["Node Type"] == "Limit":
        bounded = True
    elif plan["Node Type"] in {"Sort", "Aggregate", "Hash", "WindowAgg"}:
        bounded = False  # it wants all
    found = set().union(*(read_in_full(inner, bounded=bounded) for inner in plan.get("Plans", ())))
    kind, table = plan["Node Type"], _table(plan.get("Relation Name", ""))
    unbounded = kind in {"Index Scan", "Index Only Scan"} and not bounded
    unbounded = unbounded and not any(bound in plan for bound in _BOUNDS)
    if kind == "Seq Scan" or (unbounded and plan["Total Cost"] > _FEW):
        found |= {table} & BIG
    return found


def _table(name: str) -> str:
    """Of a month its log."""
    return "audit_entry" if name.startswith("audit_entry_") else name
