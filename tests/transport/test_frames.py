"""Sockets below their messages: whatever comes over the line, and whenever, is no fault of ours."""

import asyncio
import logging
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from uvicorn.server import ServerState

from tests.judges.wire import CLOSE, CONTINUATION, HANDSHAKE, PING, PONG, TEXT, frame
from tests.transport.conftest import PATIENCE, frames_of, until
from transport.frames import PIECES_MOST

INIT = frame(TEXT, b'{"type":"connection_init"}')
NO_SUBPROTOCOL = HANDSHAKE.replace("Sec-WebSocket-Protocol: graphql-transport-ws\r\n", "")
OTHER_ORIGIN = HANDSHAKE.replace("\r\n\r\n", "\r\nOrigin: https://elsewhere.example\r\n\r\n")
FAULTY = {
    "not masked": (frame(TEXT, b"{}", masked=False), 1002),
    "of no kind": (frame(3, b""), 1002),
    "with a reserved bit": (frame(TEXT, b"{}", reserved=4), 1002),
    "a continuation of nothing": (frame(CONTINUATION, b""), 1002),
    "a large ping": (frame(PING, b"x" * 126), 1002),
    "not UTF-8": (frame(TEXT, b"\xff"), 1007),
    "too large": (frame(TEXT, b"x" * 16_385), 1009),
    "in too many pieces": (
        frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * PIECES_MOST,
        1009,
    ),
    "a close of one byte": (frame(CLOSE, b"x"), 1002),
    "a close of no code": (frame(CLOSE, struct.pack("!H", 999)), 1002),
}


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def say(self, content: bytes) -> None:
        self._writer.write(content)

    async def head(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def rest(self) -> bytes:
        """Until the server ends the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""


Dial = Callable[..., AbstractAsyncContextManager[Line]]


@pytest.fixture
def dial(address: str) -> Dial:
    @asynccontextmanager
    async def dial(handshake: str = HANDSHAKE) -> AsyncGenerator[Line]:
        host, _, port = address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        line = Line(reader, writer)
        line.say(handshake.format(host=address).encode())
        yield line
        writer.transport.abort()

    return dial


@pytest.fixture(autouse=True)
async def unharmed(server: ServerState, caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """Nothing is left, and nobody complained; nor did uvicorn, which tells the root nothing.

    That a client was gone before it was answered, which asyncio tells of, is the client's affair.
    """
    own = logging.getLogger("uvicorn")
    own.addHandler(caplog.handler)
    yield
    await until(lambda: not server.connections and not server.tasks)
    own.removeHandler(caplog.handler)
    said = [record.getMessage() for record in caplog.get_records("call")]
    assert [line for line in said if line != "socket.send() raised exception."] == []


@pytest.fixture
def answering(
    address: str,  # noqa: ARG001  # with it the application has come to its place
    uvicorn_server: tuple[str, dict[str, Any]],
) -> asyncio.Event:
    """While it is not set the server does not answer handshakes."""
    _, served = uvicorn_server
    app, may = served["app"], asyncio.Event()

    async def slow(*asgi: Any) -> None:
        await may.wait()
        await app(*asgi)

    served["app"] = slow
    return may


@pytest.mark.parametrize(("content", "code"), FAULTY.values(), ids=FAULTY)
async def test_a_faulty_frame_right_behind_a_good_one_closes_with_its_code(dial, content, code):
    async with dial() as line:
        await line.head()
        line.say(INIT + content + frame(PONG, b""))
        heard = await line.rest()
    acknowledged, (opcode, body) = frames_of(heard)
    assert acknowledged == (TEXT, b'{"type":"connection_ack"}')
    assert opcode == CLOSE
    assert struct.unpack("!H", body[:2]) == (code,)


@pytest.mark.parametrize("handshake", [HANDSHAKE, NO_SUBPROTOCOL, OTHER_ORIGIN])
@pytest.mark.parametrize(
    "content",
    [*(content for content, _ in FAULTY.values()), frame(CLOSE, b"\x03\xe8"), frame(CLOSE, b"")],
    ids=[*FAULTY, "a close", "an empty close"],
)
async def test_whoever_does_not_wait_for_the_handshake_and_errs_is_cut_off(
    dial, server, answering, handshake, content
):
    async with dial(handshake) as line:
        await until(lambda: server.tasks)
        line.say(content)
        await asyncio.sleep(0.02)
        answering.set()
        assert b"101" not in await line.rest()


async def test_a_handshake_that_cannot_be_read_is_answered_and_over(dial):
    long = HANDSHAKE.replace("/graphql", "/graphql?" + "x" * 9_000)
    async with dial(long) as line:
        assert (await line.rest()).startswith(b"HTTP/1.1 414 ")
