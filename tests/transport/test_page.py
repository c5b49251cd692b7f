"""The web page as it is served: what is kept, what it may do, and what is not a page."""

import gzip
import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from tests.paths import ROOT
from transport.page import BrokenPage, Page
from transport.server import MIDDLEWARE
from wiring.parts import stores
from wiring.settings import Settings

INDEX, SCRIPT = b"<!doctype html><title>Health&amp;Med</title>", b"console.log('here')" * 200
EDITOR = b"<!doctype html><title>API</title>"
OFFLINE = b"<!doctype html><title>No connection</title>"
S3 = "https://files.example.com"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """As `npm run build` leaves it."""
    folder = tmp_path / "dist"
    (folder / "page/assets").mkdir(parents=True)
    (folder / "page/index.html").write_bytes(INDEX)
    (folder / "page/playground.html").write_bytes(EDITOR)
    (folder / "page/offline.html").write_bytes(OFFLINE)
    (folder / "page/icon.svg").write_bytes(b"<svg/>")
    (folder / "page/worker.js").write_bytes(b"const VERSION = '1'")
    script = folder / "page/assets/index-C9W2.js"
    script.write_bytes(SCRIPT)
    script.with_name("index-C9W2.js.br").write_bytes(brotli.compress(SCRIPT))
    script.with_name("index-C9W2.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "paths.json").write_text('["/", "/consultation/:appointmentId"]')
    (folder / "documents.json").write_text("{}")
    return folder


@pytest.fixture
async def browser(build: Path) -> AsyncGenerator[httpx.AsyncClient]:
    app = Starlette(routes=[*Page(build).routes(connects=[S3])], middleware=MIDDLEWARE)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://clinic"
    ) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/consultation/appointment_1"])
async def test_its_own_routes_are_the_page(browser: httpx.AsyncClient, path: str):
    answer = await browser.get(path)

    assert (answer.status_code, answer.content) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/consultation",
        "/consultation/a/b",
        "/index.html",
        "/assets",
        "/page/index.html",
        "/playground.html",
    ],
)
async def test_what_is_not_its_own_is_not_the_page(browser: httpx.AsyncClient, path: str):
    assert (await browser.get(path)).status_code == 404


async def test_it_runs_no_script_but_of_our_files(browser: httpx.AsyncClient):
    said = (await browser.get("/")).headers["content-security-policy"]
    policy = dict(each.split(" ", 1) for each in said.split("; "))

    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == f"'self' {S3}"
    assert "unsafe" not in said


@pytest.mark.parametrize(
    ("meetings", "workers", "reached"),
    [
        ("peer", "'self'", ""),
        ("chime", "'self' blob:", " https://*.chime.aws wss://*.chime.aws"),
    ],
)
async def test_where_visits_are_by_chime_the_page_reaches_it(
    keys_file: Path, build: Path, meetings: str, workers: str, reached: str
):
    app = create_app(settings(keys_file, page=build, meetings=meetings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://c") as client:
        said = (await client.get("/")).headers["content-security-policy"]
    policy = dict(each.split(" ", 1) for each in said.split("; "))

    assert policy["connect-src"] == "'self'" + reached
    assert policy["worker-src"] == workers
    assert policy["script-src"] == "'self'"


async def test_tiles_of_the_map_are_of_the_one_host_that_is_set(keys_file: Path, build: Path):
    given = {"map_tiles": "https://{s}.tiles.example.com/{z}/{x}/{y}.png", "map_attribution": "©"}
    app = create_app(settings(keys_file, page=build, **given))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://c") as client:
        page, told = await client.get("/"), await client.get("/map.json")
        playground = await client.get("/playground")

    pictures = "img-src 'self' data: blob: https://*.tiles.example.com;"
    assert pictures in page.headers["content-security-policy"]
    assert "example.com" not in playground.headers["content-security-policy"]
    assert told.json() == {"tiles": {"url": given["map_tiles"], "attribution": "©"}}


async def test_without_tiles_the_page_is_told_so(browser: httpx.AsyncClient):
    answer = await browser.get("/map.json")

    assert answer.json() == {"tiles": None}
    assert answer.headers["cache-control"] == "no-cache"
    policy = (await browser.get("/")).headers["content-security-policy"]
    assert "img-src 'self' data: blob:;" in policy


@pytest.mark.parametrize(
    ("url", "attribution", "why"),
    [
        ("https://tiles.example.com/{z}/{x}.png", "©", "is lacking"),
        ("https://tiles.example.com; script-src */{z}/{x}/{y}", "©", "has no plain host"),
        ("tiles.example.com/{z}/{x}/{y}", "©", "has no plain host"),
        ("https://tiles.example.com/{z}/{x}/{y}", "", "no attribution"),
    ],
)
def test_a_start_with_unusable_tiles_ends_with_a_sentence(
    keys_file: Path, build: Path, url: str, attribution: str, why: str
):
    with pytest.raises(SystemExit, match=f"HEALTHMED_MAP_TILES: .*{why}"):
        create_app(settings(keys_file, page=build, map_tiles=url, map_attribution=attribution))


async def test_the_playground_may_style_but_not_script_within_html(browser: httpx.AsyncClient):
    answer = await browser.get("/playground")
    policy = dict(
        each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; ")
    )

    assert (answer.status_code, answer.content) == (200, EDITOR)
    assert policy.pop("style-src") == "'self' 'unsafe-inline'"
    assert "unsafe" not in str(policy)
    assert policy["script-src"] == policy["worker-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert (
        "permissions-policy" not in answer.headers
        or "camera=(self)" not in answer.headers["permissions-policy"]
    )


async def test_what_has_its_hash_in_its_name_is_kept_for_ever(browser: httpx.AsyncClient):
    script, icon = await browser.get("/assets/index-C9W2.js"), await browser.get("/icon.svg")

    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert icon.headers["cache-control"] == "no-cache"
    assert script.headers["x-content-type-options"] == "nosniff"


async def test_its_worker_is_asked_for_anew_and_may_be_of_ours_alone(browser: httpx.AsyncClient):
    worker, offline = await browser.get("/worker.js"), await browser.get("/offline.html")

    assert worker.headers["cache-control"] == offline.headers["cache-control"] == "no-cache"
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (offline.status_code, offline.content) == (200, OFFLINE)
    for page in (await browser.get("/"), offline):
        policy = page.headers["content-security-policy"]
        assert "worker-src 'self'; manifest-src 'self'; connect-src 'self'" in policy


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
async def test_it_is_sent_as_the_build_compressed_it(browser: httpx.AsyncClient, coding: str):
    answer = await browser.get("/assets/index-C9W2.js", headers={"accept-encoding": coding})

    assert answer.content == SCRIPT
    assert answer.headers.get("content-encoding", "identity") == coding
    assert answer.headers["vary"] == "accept-encoding"
    assert (int(answer.headers["content-length"]) < 200) is (coding != "identity")


async def test_who_has_it_is_not_sent_it_again(browser: httpx.AsyncClient):
    etag = (await browser.get("/")).headers["etag"]
    again = await browser.get("/", headers={"if-none-match": f'"other", {etag}'})
    other = await browser.get("/", headers={"if-none-match": '"other"'})

    assert (again.status_code, again.content) == (304, b"")
    assert (other.status_code, other.content) == (200, INDEX)


async def test_one_only_reads_it(browser: httpx.AsyncClient):
    assert (await browser.head("/")).status_code == 200
    assert (await browser.post("/")).status_code == 405


@pytest.mark.parametrize(
    "missing",
    [
        "page/index.html",
        "page/playground.html",
        "page/offline.html",
        "page/worker.js",
        "paths.json",
    ],
)
def test_half_a_build_is_none(build: Path, missing: str):
    (build / missing).unlink()

    with pytest.raises(BrokenPage, match="is no build of the page"):
        Page(build)


def settings(keys_file: Path, **given: object) -> Settings:
    return Settings(database_url="postgresql://nowhere/x", keys_file=keys_file, **given)


async def test_without_a_build_there_is_the_api_alone(keys_file: Path, build: Path):
    for page, status in ((None, 404), (build, 200)):
        app = create_app(settings(keys_file, page=page))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            assert (await client.get("http://clinic/")).status_code == status
            assert (await client.get("http://clinic/healthz")).status_code == 200


def test_a_start_with_half_a_build_ends_with_a_sentence(keys_file: Path, tmp_path: Path):
    with pytest.raises(SystemExit, match=r"HEALTHMED_PAGE: .* is no build of the page"):
        create_app(settings(keys_file, page=tmp_path))


def test_the_documents_of_the_page_are_trusted(keys_file: Path, build: Path):
    (build / "documents.json").write_text(json.dumps({"0" * 64: "{ viewer { __typename } }"}))

    with pytest.raises(SystemExit, match="is not the SHA-256 of its text"):
        create_app(settings(keys_file, page=build))


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ({}, []),
        ({"s3_bucket": "files"}, ["https://files.s3.sa-east-1.amazonaws.com"]),
        (
            {"s3_bucket": "files", "s3_endpoint_url": "http://127.0.0.1:9000/"},
            ["http://127.0.0.1:9000"],
        ),
        (
            {
                "s3_bucket": "files",
                "s3_endpoint_url": "http://s3:9000",
                "s3_public_endpoint_url": "https://s3.example.com",
                "cloudfront_url": "https://d1.cloudfront.net/x",
            },
            ["https://s3.example.com", "https://d1.cloudfront.net"],
        ),
    ],
)
def test_it_may_go_to_where_files_lie(keys_file: Path, given: dict[str, str], origins: list[str]):
    assert stores(settings(keys_file, **given)) == origins


def test_every_route_of_the_page_is_one_that_the_server_knows():
    """Else a link to it, opened anew, would be 404."""
    main = (ROOT / "web/src/main.tsx").read_text()
    administration = (ROOT / "web/src/features/administration/Administration.tsx").read_text()
    paths = json.loads((ROOT / "web/paths.json").read_text())

    routes = set(re.findall(r'<Route path="(/[^"]*)"', main)) - {"/admin/*"}
    nested = {f"/admin/{path}" for path in re.findall(r'<Route path="([^"*]+)"', administration)}
    assert routes | nested | {"/admin"} == set(paths)
