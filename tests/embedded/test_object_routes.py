"""The routes of an object store that is a folder, as the whole server has them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from app import create_app
from domain.clock import now
from domain.limits import Limits
from domain.objects import Objects, UploadForm
from embedded import object_routes
from persistence.object_folder import FolderObjects
from tests.persistence.stores import PDF, chunks, sha256
from wiring.settings import Settings

CONTENT = bytes(range(256)) * 1000


@dataclass(frozen=True)
class Ours:
    browser: httpx.AsyncClient
    objects: Objects

    async def form(self) -> UploadForm:
        return await self.objects.upload_form(
            "a", content_type=PDF, size=len(CONTENT), sha256=sha256(CONTENT), at=now()
        )


@pytest.fixture
async def ours(keys_file: Path, tmp_path: Path) -> AsyncGenerator[Ours]:
    folder, url = tmp_path / "objects", "http://127.0.0.1:8000"
    settings = Settings(
        database_url="postgresql://", keys_file=keys_file, object_folder=folder, public_url=url
    )
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport) as browser:
        yield Ours(browser, FolderObjects(folder, url + object_routes.PATH, Limits(), now))


async def test_a_file_goes_there_and_back(ours: Ours):
    form = await ours.form()
    posted = await ours.browser.post(form.url, data=dict(form.fields), files={"file": CONTENT})
    assert posted.status_code == 204

    stored = await ours.objects.look_up("a")
    assert stored is not None
    url, _ = await ours.objects.link(
        "a", stored.version, name="exame.pdf", content_type=PDF, at=now()
    )
    answer = await ours.browser.get(url)
    assert answer.content == CONTENT
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_form_of_ours_is_refused(ours: Ours, monkeypatch: pytest.MonkeyPatch):
    form = await ours.form()
    url, fields = form.url, dict(form.fields)
    monkeypatch.setattr(object_routes, "MOST", 300_000)

    asked = {
        "no fields": await ours.browser.post(url, files={"file": CONTENT}),
        "no file": await ours.browser.post(url, data=fields),
        "JSON": await ours.browser.post(url, json=fields),
        "a broken form": await ours.browser.post(
            url, content=b"--x", headers={"content-type": "multipart/form-data"}
        ),
        "no link": await ours.browser.get(url),
        "two files": await ours.browser.post(
            url, data=fields, files=[("file", CONTENT[:9]), ("file", CONTENT[:9])]
        ),
    }
    for what, answer in asked.items():
        assert answer.status_code in {400, 403}, what
    large = await ours.browser.post(url, data=fields, files={"file": CONTENT + CONTENT})
    unmeasured = await ours.browser.post(
        url, content=chunks(b"--x"), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (large.status_code, unmeasured.status_code) == (413, 413)
    assert await ours.objects.look_up("a") is None


async def test_a_link_is_no_form_and_a_form_is_no_link(ours: Ours):
    form = await ours.form()
    link, _ = await ours.objects.link("a", "1", name="a.pdf", content_type=PDF, at=now())
    of_link = dict(parse_qsl(urlsplit(link).query))

    posted = await ours.browser.post(form.url, data=of_link, files={"file": CONTENT})
    followed = await ours.browser.get(form.url, params=dict(form.fields))

    assert (posted.status_code, followed.status_code) == (403, 403)
