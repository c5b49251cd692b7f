"""GraphQL over Server-Sent Events, with the client of its authors: graphql-sse."""

import pytest

from tests.judges.node import play, scenarios
from tests.judges.people import SignedIn
from tests.judges.running import Running


@pytest.mark.parametrize("scenario", scenarios("sse.mjs"))
def test_graphql_sse(server: Running, doctor: SignedIn, scenario: str):
    play(
        "sse.mjs",
        scenario,
        url=server.url,
        port=server.port,
        doctor=doctor.id,
        token=doctor.token,
    )
