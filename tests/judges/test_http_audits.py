"""GraphQL over HTTP, as graphql-http's server audits judge it: every one, be it a MUST or a MAY."""

from typing import Any, TypeAlias

import pytest

from tests.judges.conftest import PROFILES, Servers
from tests.judges.node import HERE, lines, node

AUDITS = (HERE / "audits.txt").read_text()  # `node audits.mjs` prints it anew
ASK_FOR_THE_SCHEMA = {"2EA1", "28B9", "D6D5", "6A70"}  # with __type: not in production
Results: TypeAlias = tuple[str, dict[str, Any]]
NAMES = dict(line.split(" ", 1) for line in AUDITS.splitlines())


@pytest.fixture(scope="module", params=PROFILES)
def results(request: pytest.FixtureRequest, servers: Servers) -> Results:
    """Of one profile, by the ids of the audits."""
    found = lines("audits.mjs", servers(request.param).url)
    return request.param, {result["id"]: result for result in found}


def test_no_audit_is_left_out():
    assert node("audits.mjs").stdout == AUDITS


@pytest.mark.parametrize("id", NAMES)
def test_audit(results: Results, id: str):
    profile, by_id = results
    result = by_id[id]
    if profile == "production" and id in ASK_FOR_THE_SCHEMA:
        assert "The schema is not told here." in result["body"]
    else:
        assert result["status"] == "ok", (NAMES[id], result)
