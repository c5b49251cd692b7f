"""Any request and any bytes, as Hypothesis thinks of them: answered or refused, never a 5xx."""

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judges.fuzz import LIMITED, cheaply, document, json_text, text
from tests.judges.running import Running

pytestmark = pytest.mark.usefixtures("unharmed")

METHODS = ["POST", "POST", "POST", "GET", "GET", "PUT", "DELETE", "HEAD", "OPTIONS"]
PARAMETERS = ["query", "variables", "operationName", "extensions", "token", "operationId"]
JSON, RESPONSE_JSON = "application/json", "application/graphql-response+json"
OTHER_TYPES = ["", "text/plain", "application/json; charset=utf-16", "multipart/form-data"]
LINES = [
    *("GET /graphql HTTP/1.1", "POST /graphql HTTP/1.1", "POST /graphql/stream HTTP/1.0", ""),
    *("Host: x", "Content-Length: 5", "Content-Length: -1", "Transfer-Encoding: chunked"),
    *(
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key",
    ),
    *("Content-Type: application/json", "Expect: 100-continue", "5", "{ a }"),
]


def of_bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    chunked: bool

    def through(self, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        connection.putrequest(self.method, f"{self.path}?{self.query_string}")
        for name, value in self.headers.items():
            # What would end the header, or may not stand in any, is left out.
            connection.putheader(name, of_bytes(value).translate(None, b"\r\n\0"))
        # A server that has answered need not hear the rest.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if self.chunked:
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders(iter([self.body[:7], self.body[7:]]), encode_chunked=True)
            else:
                connection.putheader("Content-Length", str(len(self.body)))
                connection.endheaders(self.body)
        return connection.getresponse()


sent = st.builds(
    Sent,
    method=st.sampled_from(METHODS),
    path=st.sampled_from(["/graphql", "/graphql", "/graphql/stream"]),
    query_string=st.just("")
    | st.binary(max_size=60).map(quote_from_bytes)
    | st.dictionaries(st.sampled_from(PARAMETERS), document | json_text | text).map(
        lambda parameters: urlencode(parameters, errors="surrogatepass")
    ),
    headers=st.fixed_dictionaries(
        {"Content-Type": st.just(JSON) | st.just(JSON) | st.sampled_from(OTHER_TYPES) | text},
        optional={
            "Accept": st.sampled_from(["*/*", JSON, RESPONSE_JSON, "text/event-stream"]) | text,
            "Authorization": st.sampled_from(["Bearer", "Bearer x.y.z", "Basic YTpi", ""]) | text,
            "Content-Encoding": st.sampled_from(["gzip", "identity", "br"]) | text,
            "X-GraphQL-Event-Stream-Token": text,
            "Last-Event-ID": text,
            "Origin": text,
        },
    ),
    body=json_text.map(str.encode) | text.map(of_bytes) | st.binary(max_size=200),
    chunked=st.booleans(),
)


@LIMITED
@given(sent)
def test_any_request_is_answered_and_none_with_a_5xx(forgetful: Running, sent: Sent):
    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", forgetful.port, timeout=5)
        with contextlib.closing(connection):
            response = sent.through(connection)
            assert response.status < 500
            type_ = response.headers.get_content_type()
            if type_ != "text/event-stream" and (answer := response.read()):
                assert not type_.endswith("json") or "INTERNAL" not in json.dumps(
                    json.loads(answer)
                )

    cheaply(forgetful, ask)


@LIMITED
@given(
    st.lists(
        st.sampled_from(LINES).map(lambda line: f"{line}\r\n".encode()) | st.binary(max_size=40),
        max_size=12,
    ).map(b"".join)
)
def test_any_bytes_are_answered_or_left_without_a_5xx(forgetful: Running, content: bytes):
    def ask() -> None:
        answer, address = b"", ("127.0.0.1", forgetful.port)
        with (
            socket.create_connection(address, timeout=5) as wire,
            contextlib.suppress(ConnectionError),
        ):
            wire.sendall(content)
            wire.shutdown(socket.SHUT_WR)
            while more := wire.recv(65_536):
                answer += more
        assert b"HTTP/1.1 5" not in answer

    cheaply(forgetful, ask)
