"""Frames and handshakes that no library would send, down at the bytes (RFC 6455)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.judges.wire import CLOSE, CONTINUATION, HANDSHAKE, PING, TEXT, frame
from tests.transport.conftest import until

FAULTY = {
    "a reserved bit": frame(TEXT, b"a", reserved=4),
    "no such opcode": frame(3, b"a"),
    "no mask": frame(TEXT, b"a", masked=False),
    "too large": frame(TEXT, b"a" * 40_000),
    "a large ping": frame(PING, b"a" * 126),
    "half a close": frame(CLOSE, b"a"),
    "a piece of nothing": frame(CONTINUATION, b"a"),
}


@asynccontextmanager
async def dial(
    address: str,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address.split(":"))
    try:
        yield reader, writer
    finally:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Until the server has ended it."""
    async with asyncio.timeout(3):
        return await reader.read()


def handshake(address: str, *headers: str) -> bytes:
    head = HANDSHAKE.format(host=address).removesuffix("\r\n")
    return "".join([head, *(f"{header}\r\n" for header in headers), "\r\n"]).encode()


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
async def test_a_faulty_frame_before_we_have_accepted_ends_it_quietly(
    address: str, uvicorn_server: tuple[str, dict[str, Any]], caplog, faulty: bytes
):
    served = uvicorn_server[1]
    app, arrived, go_on = served["app"], asyncio.Event(), asyncio.Event()

    async def hesitant(scope, receive, send):
        arrived.set()
        await go_on.wait()
        await app(scope, receive, send)

    served["app"] = hesitant
    async with dial(address) as (reader, writer):
        writer.write(handshake(address))
        await arrived.wait()
        writer.write(faulty)

        assert await rest(reader) == b""
        go_on.set()
        await until(lambda: not served["server"].tasks)

    assert not caplog.records


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
async def test_a_faulty_frame_with_the_init_ends_it_with_a_code(
    address: str, server, caplog, faulty: bytes
):
    async with dial(address) as (reader, writer):
        writer.write(handshake(address))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame(TEXT, b'{"type":"connection_init"}') + faulty)

        close = await rest(reader)

    assert close[0] == 0x80 | CLOSE
    assert int.from_bytes(close[2:4]) in {1002, 1009}
    await until(lambda: not server.tasks)
    assert not caplog.records


@pytest.mark.parametrize(
    ("headers", "status"),
    [(["Cookie: " + "a" * 9_000], 431), (["A: b"] * 200, 431), (["A: \x7f"], 400)],
    ids=["a long header", "many headers", "a bad letter"],
)
async def test_a_handshake_that_cannot_be_read_is_answered_and_ended(
    address: str, headers: list[str], status: int
):
    async with dial(address) as (reader, writer):
        writer.write(handshake(address, *headers))

        assert (await rest(reader)).startswith(f"HTTP/1.1 {status} ".encode())
