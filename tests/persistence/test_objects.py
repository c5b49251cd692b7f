"""What holds of every object store: the S3 that runs here, and the folder in its place."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from domain import clock
from domain.limits import Limits
from domain.objects import CHUNK, StoreUnreachable
from embedded import object_routes
from persistence.object_folder import FolderObjects
from persistence.objects import S3Objects
from tests.persistence.stores import CONTENT, PDF, Store, chunks, new_key, of_zeros, sha256
from wiring.parts import bucket
from wiring.settings import Settings

OURS = "http://127.0.0.1:8000"
# S3 signs whole seconds: of the first of these some may be gone already.
BRIEF = Limits(upload_for=timedelta(seconds=4), link_for=timedelta(seconds=4))
OTHER = CONTENT[::-1]
NAMES = {
    "exame.pdf": "exame.pdf",
    "Exame da Conceição nº 3.pdf": "Exame da Conceição nº 3.pdf",
    'a"b\\c.pdf': "a_b_c.pdf",
    "linha\r\nSet-Cookie: a=b.pdf": "linhaSet-Cookie_ a=b.pdf",
    "../../etc/passwd": "_.._etc_passwd",
    "raio-x 100%; filename=mal.exe": "raio-x 100%; filename=mal.exe",
    "心电图.pdf": "心电图.pdf",
    "exe.\u202efdp.scr": "exe.fdp.scr",
    "": "document",
    "...": "document",
    f"{'longo' * 80}.pdf": f"{('longo' * 80)[:147]}.pdf",
}


@pytest.fixture(params=["s3", "folder"], scope="module")
async def store(
    request: pytest.FixtureRequest, object_store: dict[str, Any], tmp_path_factory: Any
) -> AsyncGenerator[Store]:
    async for it in opened(request.param, object_store, tmp_path_factory.mktemp("s"), Limits()):
        yield it


@pytest.fixture(params=["s3", "folder"], scope="module")
async def brief(
    request: pytest.FixtureRequest, object_store: dict[str, Any], tmp_path_factory: Any
) -> AsyncGenerator[Store]:
    """Its forms and links are good for three to four seconds."""
    async for it in opened(request.param, object_store, tmp_path_factory.mktemp("s"), BRIEF):
        yield it


async def opened(
    kind: str, given: dict[str, Any], folder: Path, limits: Limits
) -> AsyncGenerator[Store]:
    if kind == "folder":
        objects = FolderObjects(folder, f"{OURS}{object_routes.PATH}", limits, clock.now)
        routes = httpx.ASGITransport(Starlette(routes=[object_routes.route(objects)]))
        async with httpx.AsyncClient(transport=routes) as browser:
            yield Store(objects, browser)
        return
    if "s3_bucket" not in given:
        pytest.skip("no S3 runs on this machine")
    place = bucket(Settings(database_url="", keys_file=folder, **given))
    async with (
        S3Objects.open(place, limits) as objects,
        httpx.AsyncClient(trust_env=False, timeout=20) as browser,
    ):
        await objects.prepare(pages=OURS)
        yield Store(objects, browser)


# ----------------------------------------------------------------------- uploads


async def test_what_was_promised_is_stored(store: Store):
    key = new_key()
    assert await store.objects.look_up(key) is None

    found = await store.stored(key)

    assert (found.size, found.sha256) == (len(CONTENT), sha256(CONTENT))
    assert await store.bytes_of(key, found.version) == CONTENT


@pytest.mark.parametrize(
    "brought",
    [CONTENT + b".", CONTENT[:-1], OTHER, b""],
    ids=["longer", "shorter", "other bytes", "nothing"],
)
async def test_anything_but_what_was_promised_is_refused(store: Store, brought: bytes):
    key = new_key()

    status = await store.post(await store.form(key), brought)

    assert status in {400, 403}
    assert await store.objects.look_up(key) is None


@pytest.mark.parametrize(
    ("size", "promised"),
    [(len(CONTENT) - 1, CONTENT), (len(CONTENT) + 1, CONTENT), (len(CONTENT), OTHER)],
    ids=["a smaller size", "a larger size", "another hash"],
)
async def test_size_and_hash_are_each_held(store: Store, size: int, promised: bytes):
    key = new_key()
    form = await store.objects.upload_form(
        key, content_type=PDF, size=size, sha256=sha256(promised), at=clock.now()
    )

    assert await store.post(form, CONTENT) in {400, 403}
    assert await store.objects.look_up(key) is None


async def test_a_form_that_was_changed_is_refused(store: Store):
    key, other = new_key(), new_key()
    form, others = await store.form(key), await store.form(key, OTHER + b".")
    told = dict(form.fields)
    changed = [
        {**told, "key": other},
        {**told, "Content-Type": "text/html"},
        {**told, "x-amz-meta-unasked": "for"},
        *({**told, name: value} for name, value in others.fields if told[name] != value),
        *({name: told[name] for name in told if name != left_out} for left_out in told),
    ]

    for fields in changed:
        status = await store.post(form, CONTENT, fields)

        assert status in {400, 403}, {n for n in told | fields if fields.get(n) != told.get(n)}
    assert await store.objects.look_up(key) is None
    assert await store.objects.look_up(other) is None


async def test_a_form_expires(brief: Store):
    key, at = new_key(), clock.now()
    form = await brief.objects.upload_form(
        key, content_type=PDF, size=len(CONTENT), sha256=sha256(CONTENT), at=at
    )
    assert form.expires_at == at + BRIEF.upload_for
    assert await brief.post(form) == 204

    await asyncio.sleep(4.1)

    assert await brief.post(form) == 403


async def test_what_is_stored_again_is_another_version(store: Store):
    key = new_key()
    first, second = await store.stored(key), await store.stored(key, OTHER)

    assert first.version != second.version
    assert await store.objects.look_up(key) == second
    assert await store.bytes_of(key, first.version) == CONTENT
    assert await store.bytes_of(key, second.version) == OTHER


# --------------------------------------------------------------- reading, putting


async def test_it_is_read_in_small_chunks_and_the_beginning_alone(store: Store):
    key, content = new_key(), bytes(range(256)) * 1024
    stored = await store.objects.put(key, chunks(content), content_type=PDF)

    lengths = [len(chunk) async for chunk in store.objects.read(key, stored.version)]

    assert sum(lengths) == len(content)
    assert max(lengths) <= CHUNK
    assert await store.bytes_of(key, stored.version) == content
    assert await store.bytes_of(key, stored.version, first=132) == content[:132]
    assert await store.bytes_of(key, stored.version, first=10**9) == content


async def test_who_stops_reading_leaves_nothing_open(store: Store):
    key = new_key()
    stored = await store.objects.put(key, of_zeros(2), content_type=PDF)
    for _ in range(210):  # more than there are connections
        reading = store.objects.read(key, stored.version)
        assert len(await anext(reading)) <= CHUNK
        await reading.aclose()

    assert await store.objects.look_up(key) is not None


async def test_of_nothing_there_is_nothing_to_read(store: Store):
    key = new_key()
    stored = await store.objects.put(key, chunks(), content_type=PDF)

    assert stored.size == 0
    assert await store.bytes_of(key, stored.version) == b""
    assert await store.bytes_of(key, stored.version, first=8) == b""


async def test_what_is_not_there_is_told_apart_from_a_store_that_is_down(store: Store):
    key = new_key()
    stored = await store.stored(key)
    absent = stored.version[:-4] + ("0000" if not stored.version.endswith("0000") else "1111")

    for where in ((new_key(), stored.version), (key, absent)):
        with pytest.raises(LookupError):
            await store.bytes_of(*where)


@pytest.mark.parametrize("mib", [0, 1, 8, 19])
async def test_what_is_put_is_there_whole(store: Store, mib: int):
    key, content = new_key(), bytes(mib * 2**20)

    stored = await store.objects.put(key, of_zeros(mib), content_type="application/zip")

    assert (stored.size, stored.sha256) == (len(content), sha256(content))
    found = await store.objects.look_up(key)
    assert (found.version, found.size) == (stored.version, stored.size)
    assert found.sha256 in {stored.sha256, None}
    assert await store.bytes_of(key, stored.version) == content


@pytest.mark.parametrize("mib", [0, 9])
async def test_what_breaks_off_is_not_stored(store: Store, mib: int):
    async def breaking_off() -> Any:
        async for chunk in of_zeros(mib):
            yield chunk
        raise RuntimeError("the rows cannot be read")

    key = new_key()

    with pytest.raises(RuntimeError, match="the rows"):
        await store.objects.put(key, breaking_off(), content_type="application/zip")

    assert await store.objects.look_up(key) is None


# ------------------------------------------------------------------------- links


@pytest.mark.parametrize("name", NAMES)
async def test_a_link_saves_the_file_under_its_name(store: Store, name: str):
    key = new_key()
    stored = await store.stored(key)

    answer = await store.follow(key, stored.version, name)

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == PDF
    assert "set-cookie" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.isascii()
    told = unquote(disposition.partition("filename*=UTF-8''")[2])
    assert told == NAMES[name]


async def test_a_link_leads_to_its_version(store: Store):
    key = new_key()
    first = await store.stored(key)
    await store.stored(key, OTHER)

    assert (await store.follow(key, first.version)).content == CONTENT


async def test_a_link_that_was_changed_leads_nowhere(store: Store):
    key = new_key()
    first, second = await store.stored(key), await store.stored(key, OTHER)
    url, _ = await store.objects.link(
        key, first.version, name="exame.pdf", content_type=PDF, at=clock.now()
    )
    parts = urlsplit(url)
    told = dict(parse_qsl(parts.query))

    for changed in (
        url.replace(first.version, second.version),
        url.replace("exame.pdf", "outro.pdf"),
        url.replace("application%2Fpdf", "text%2Fhtml"),
        *(
            parts._replace(query=urlencode({n: v for n, v in told.items() if n != left})).geturl()
            for left in told
        ),
    ):
        assert changed != url
        assert (await store.browser.get(changed)).status_code in {400, 403}, changed


async def test_a_link_is_good_for_its_time_alone(brief: Store):
    key = new_key()
    stored = await brief.stored(key)
    at = clock.now()
    url, until = await brief.objects.link(
        key, stored.version, name="exame.pdf", content_type=PDF, at=at
    )
    assert until == at + BRIEF.link_for
    assert (await brief.browser.get(url)).status_code == 200

    await asyncio.sleep(4.1)

    assert (await brief.browser.get(url)).status_code == 403


# ----------------------------------------------------------------------- removal


async def test_every_version_of_what_is_removed_is_gone(store: Store):
    key = new_key()
    beside = await store.stored(f"{key}2")
    below = await store.stored(f"{key}/2")
    versions = [(await store.stored(key, content)).version for content in (CONTENT, OTHER)]

    await store.objects.remove(key)

    assert await store.objects.look_up(key) is None
    for version in versions:
        with pytest.raises(LookupError):
            await store.bytes_of(key, version)
        assert (await store.follow(key, version)).status_code == 404
    assert await store.objects.look_up(f"{key}2") == beside
    assert await store.objects.look_up(f"{key}/2") == below


async def test_what_is_removed_may_be_removed_again_and_stored_again(store: Store):
    key = new_key()
    await store.objects.remove(key)
    await store.stored(key)
    await store.objects.remove(key)
    await store.objects.remove(key)

    again = await store.stored(key)

    assert await store.bytes_of(key, again.version) == CONTENT


# ---------------------------------------------------------------------- failures


async def test_it_is_reached(store: Store):
    assert await store.objects.reachable()


async def test_a_folder_that_cannot_be_written_is_a_store_that_is_down(tmp_path: Path):
    objects = FolderObjects(tmp_path / "s", OURS, Limits(), clock.now)
    (tmp_path / "s" / "unfinished").rmdir()
    (tmp_path / "s" / "unfinished").write_text("in the way")

    with pytest.raises(StoreUnreachable):
        await objects.put(new_key(), chunks(CONTENT), content_type=PDF)


async def test_processes_that_share_a_folder_take_one_anothers_forms(tmp_path: Path):
    def at() -> datetime:
        return clock.now()

    one, other = (FolderObjects(tmp_path, OURS, Limits(), at) for _ in range(2))
    form = await one.upload_form(
        "a", content_type=PDF, size=len(CONTENT), sha256=sha256(CONTENT), at=at()
    )

    await other.accept(dict(form.fields), chunks(CONTENT))

    assert await one.look_up("a") is not None
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
