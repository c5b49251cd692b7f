"""What all answers have alike: compressed when large, and safe in whatever reads them."""

import gzip
import json
from collections.abc import Callable

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from transport.compression import SMALLEST, choose
from transport.server import MIDDLEWARE

READ: dict[str | None, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ([], None),
        ([""], None),
        (["identity"], None),
        (["gzip"], "gzip"),
        (["br"], "br"),
        (["gzip, deflate, br"], "br"),
        (["gzip, br;q=0.9"], "gzip"),
        (["gzip;q=0.5", "BR;q=0.5"], "br"),
        (["*"], "br"),
        (["*;q=0.1, br;q=0"], "gzip"),
        (["gzip;q=0, br;q=0"], None),
        (["gzip;q=x"], None),
        (["deflate, zstd"], None),
    ],
)
def test_the_coding_is_the_best_that_the_client_takes(accepted, coding):
    assert choose(accepted) == coding


async def texts(_: Request) -> Response:
    return PlainTextResponse("a" * SMALLEST)


async def short(_: Request) -> Response:
    return PlainTextResponse("a" * (SMALLEST - 1))


async def stream(_: Request) -> Response:
    return StreamingResponse(iter(["a" * SMALLEST, "b"]), media_type="text/event-stream")


async def page(_: Request) -> Response:
    own = {"content-security-policy": "default-src 'self'", "cache-control": "max-age=60"}
    return PlainTextResponse("a page", headers=own)


ROUTES = [Route(f"/{made.__name__}", made) for made in (texts, short, stream, page)]


async def get(path: str, base: str = "http://x", **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it came."""
    transport = httpx.ASGITransport(Starlette(routes=ROUTES, middleware=MIDDLEWARE))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        httpx.AsyncClient(transport=transport, base_url=base) as http,
        http.stream("GET", path, headers={"accept-encoding": "", **named}) as answer,
    ):
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("coding", READ)
async def test_a_large_answer_is_compressed_as_the_client_takes_it(coding):
    answer, body = await get("/texts", accept_encoding=coding or "identity")

    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-length"] == str(len(body))
    assert READ[coding](body) == b"a" * SMALLEST
    assert (len(body) < SMALLEST) == (coding is not None)


@pytest.mark.parametrize("path", ["/short", "/stream"])
async def test_a_small_one_and_a_stream_are_not(path):
    answer, body = await get(path, accept_encoding="br, gzip")

    assert "content-encoding" not in answer.headers
    assert set(body) <= set(b"ab")


async def test_an_answer_is_kept_by_nobody_and_runs_nowhere():
    answer, _ = await get("/short")
    missing, _ = await get("/nowhere")

    for each in (answer, missing):
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in each.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in each.headers["content-security-policy"]


async def test_what_a_page_says_of_itself_stands():
    answer, _ = await get("/page")

    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_that_encryption_is_needed_is_said_only_where_it_is_there():
    encrypted, _ = await get("/short", base="https://x")
    plain, _ = await get("/short")

    assert (
        int(encrypted.headers["strict-transport-security"].split("=")[1].split(";")[0]) >= 31536000
    )
    assert "strict-transport-security" not in plain.headers


async def test_the_answer_to_a_query_is_compressed_too(address: str):
    query = "{ " + " ".join(f"a{n}: who" for n in range(20)) + " }"
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as http:
        for coding, read in READ.items():
            headers = {
                "accept-encoding": coding or "identity",
                "authorization": "Bearer " + "a" * 60,
            }
            asked = {"json": {"query": query}, "headers": headers}
            async with http.stream("POST", "/graphql", **asked) as answer:
                body = b"".join([part async for part in answer.aiter_raw()])
            assert answer.headers.get("content-encoding") == coding
            assert len(json.loads(read(body))["data"]) == 20
