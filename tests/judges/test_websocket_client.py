"""GraphQL over WebSocket, with the client that everybody uses: graphql-ws."""

import pytest

from tests.judges.node import play, scenarios
from tests.judges.people import SignedIn
from tests.judges.running import Running


@pytest.mark.parametrize("scenario", scenarios("websocket.mjs"))
def test_graphql_ws(server: Running, doctor: SignedIn, scenario: str):
    play(
        "websocket.mjs",
        scenario,
        url=server.url,
        port=server.port,
        doctor=doctor.id,
        token=doctor.token,
    )
