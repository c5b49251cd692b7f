"""What an answer leaves in: one piece, whole, and not later than its turn."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from transport import gathering

ASKED = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"

Serve = Callable[[ASGIApp], Any]


@pytest.fixture
def serve(uvicorn_server: tuple[str, dict[str, Any]]) -> Serve:
    address, served = uvicorn_server
    host, port = address.split(":")

    @asynccontextmanager
    async def connected(
        app: ASGIApp,
    ) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        served["app"] = app
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**22)
        try:
            yield reader, writer
        finally:
            writer.close()

    return connected


async def greets(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Olá!")(scope, receive, send)


async def test_head_and_body_come_together(serve: Serve):
    async with serve(greets) as (reader, writer):
        for _ in range(20):
            writer.write(ASKED)

            answer = await reader.read(2**16)

            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith("\r\n\r\nOlá!".encode())


async def test_several_requests_in_one_piece_are_answered_in_turn(serve: Serve):
    async def echoes(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(Request(scope).url.path)(scope, receive, send)

    async with serve(echoes) as (reader, writer):
        writer.write(b"".join(ASKED.replace(b" / ", b" /%d " % n) for n in range(9)))
        for n in range(9):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(2) == b"/%d" % n


async def test_who_wants_no_more_is_told_all_before_the_end(serve: Serve):
    async with serve(greets) as (reader, writer):
        writer.write(LAST)

        assert (await reader.read()).endswith("\r\n\r\nOlá!".encode())


async def test_who_has_no_more_to_say_is_answered_still(serve: Serve):
    """Where the answer takes no time; for one that does, the transport is closed by then."""
    for _ in range(20):
        async with serve(greets) as (reader, writer):
            writer.write(ASKED)
            writer.write_eof()

            assert (await reader.read()).endswith("\r\n\r\nOlá!".encode())


async def test_what_is_told_bit_by_bit_does_not_wait_for_the_rest(serve: Serve):
    told = asyncio.Event()

    async def bits() -> AsyncGenerator[bytes]:
        yield b"first"
        await told.wait()
        yield b"second"

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(bits())(scope, receive, send)

    async with serve(streams) as (reader, writer):
        writer.write(ASKED)
        async with asyncio.timeout(5):
            await reader.readuntil(b"first")
            told.set()
            await reader.readuntil(b"second")


async def test_a_turn_that_does_not_end_keeps_nothing_back(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
):
    """Who writes on and on without waiting is not gathered in memory."""
    most, write = [0], gathering.Gathered.write

    def noting(transport: gathering.Gathered, part: bytes) -> None:
        write(transport, part)
        most[0] = max(most[0], transport._size)

    monkeypatch.setattr(gathering.Gathered, "write", noting)

    async def pours(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            body = b"x" * 2**14
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"end"})

    async with serve(pours) as (reader, writer):
        writer.write(LAST)
        answer = await reader.read()

    assert answer.count(b"x") == 2**20
    assert answer.endswith(b"end\r\n0\r\n\r\n")
    assert 0 < most[0] <= gathering.MOST


async def test_who_goes_away_before_his_answer_is_no_fault(
    serve: Serve, caplog: pytest.LogCaptureFixture
):
    gone = asyncio.Event()

    async def answers_late(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        gone.set()
        await greets(scope, receive, send)

    async with serve(answers_late) as (_, writer):
        writer.write(ASKED)
        writer.transport.abort()
        async with asyncio.timeout(5):
            await gone.wait()
    await asyncio.sleep(0.05)

    assert not caplog.records
