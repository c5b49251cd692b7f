"""What a container says of itself is what its server says, by the exit status."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from embedded import ready
from tests.served import free_port


class AwayFromItsDatabase(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), AwayFromItsDatabase) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def status(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        ready.main([*arguments])
    return ended.value.code


def test_a_server_without_its_database_is_not_ready_and_lives(
    port: int, capsys: pytest.CaptureFixture[str]
):
    assert status("--port", str(port))
    assert not status("--port", str(port), "--path", "/healthz")
    assert capsys.readouterr().out.split() == ["/readyz", "/healthz"]


def test_who_does_not_answer_neither_lives_nor_is_ready():
    port = str(free_port())

    assert status("--port", port) == "ConnectionRefusedError"
    assert status("--port", port, "--path", "/healthz") == "ConnectionRefusedError"
