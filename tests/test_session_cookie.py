"""The cookie of a session on the wire: what its browser and other pages may do with it."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import websockets

from domain import opaque_tokens
from tests import make
from tests.conftest import TEMPLATE, create_database, url_of
from tests.served import served
from tests.server import owner_url
from transport.limits import Limits
from wiring.settings import Settings

REGISTER = """
mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { problems { code } }
}
"""
SESSION = "session { accessToken refreshToken } problems { code path }"
SIGN_IN = f"""
mutation ($input: SignInPatientInput!) {{ signInPatient(input: $input) {{ {SESSION} }} }}
"""
RENEW = f"mutation {{ renewSession {{ {SESSION} }} }}"
SIGN_OUT = "mutation { signOut { problems { code } } }"
VIEWER = "{ viewer { __typename } }"
REFUSED = {"session": None, "problems": [{"code": "TOKEN_EXPIRED", "path": []}]}
NOT_HERE = {"session": None, "problems": [{"code": "INVALID", "path": []}]}
NAME, SECURE_NAME = "session", "__Host-session"
ALLOWED = "https://app.example"


@pytest.fixture(scope="module")
async def database() -> str:
    name = f"cookies_{uuid4().hex}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture(scope="module")
def given(database: str, keys_file: Path) -> dict[str, Any]:
    """Settings of a server whose sockets any page may open."""
    origins = Limits(origins=(ALLOWED, "*"))
    return {
        "database_url": database,
        "keys_file": keys_file,
        "database_connections": 5,
        "transport": origins,
    }


@pytest.fixture(scope="module")
async def url(given: dict[str, Any]) -> AsyncGenerator[str]:
    async with served(Settings(**given)) as url:
        yield url


@pytest.fixture(scope="module")
async def encrypted(given: dict[str, Any]) -> AsyncGenerator[str]:
    """One whose pages are reached by https, through a proxy that takes the encryption off."""
    async with served(Settings(**given, public_url="https://clinic.example")) as url:
        yield url


class Page:
    """A page of ours in a browser; httpx keeps its cookies."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        self.answer: httpx.Response = httpx.Response(0)
        self.token = ""  # the access token, in the page's memory

    async def ask(self, query: str, *, headers: dict[str, str] | None = None, **variables: Any):
        """The value of the one root field."""
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables}
        self.answer = await self.http.post(
            "/graphql", json=body, headers={**bearer, **(headers or {})}
        )
        assert self.answer.status_code == 200
        [value] = self.answer.json()["data"].values()
        return value

    async def sign_in(self, **headers: str) -> Any:
        who = {"email": f"{uuid4()}@example.com", "cpf": make.cpf(), "password": "quatro palavras"}
        await self.ask(REGISTER, input={"name": "Lia Bastos", **who})
        payload = await self.ask(SIGN_IN, headers=headers, input={**who, "cookie": True})
        if payload["session"]:
            self.token = payload["session"]["accessToken"]
        return payload

    async def renew(self, **headers: str) -> Any:
        return await self.ask(RENEW, headers=headers)

    @property
    def told(self) -> Morsel[str] | None:
        """The cookie of the last answer."""
        lines = self.answer.headers.get_list("set-cookie")
        assert len(lines) <= 1
        return next((each for line in lines for each in SimpleCookie(line).values()), None)

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get(NAME)


@pytest.fixture
async def page(url: str) -> AsyncGenerator[Page]:
    page = Page(url)
    async with page.http:
        assert (await page.sign_in())["problems"] == []
        yield page


async def a_while_passes(database: str, token: str | None) -> None:
    """Since the last renewal of its session."""
    connection = await asyncpg.connect(owner_url(database))
    later = "UPDATE session SET seen_at = seen_at - interval '1 minute' WHERE id = $1"
    await connection.execute(later, opaque_tokens.id_of(token or ""))
    await connection.close()


async def is_renewed_by(database: str, token: str) -> bool:
    connection = await asyncpg.connect(owner_url(database))
    held = await connection.fetchval(
        "SELECT refresh_hash FROM session WHERE id = $1", opaque_tokens.id_of(token)
    )
    await connection.close()
    return held == opaque_tokens.hash_of(token)


# ---------------------------------------------------------------- what is kept


async def test_no_script_reads_it_and_no_other_site_sends_it(page: Page):
    told = page.told

    assert told is not None
    assert told.key == NAME
    assert told["httponly"] is True
    assert told["samesite"].lower() == "strict"
    assert told["path"] == "/"
    assert told["max-age"] == str(30 * 24 * 3600)
    assert told["domain"] == ""
    assert told["secure"] == ""  # without encryption no browser would take it
    assert page.answer.headers["cache-control"] == "no-store"
    assert told.value not in page.answer.text
    assert page.answer.json()["data"]["signInPatient"]["session"]["refreshToken"] == ""


async def test_over_https_nobody_else_can_have_planted_it(encrypted: str):
    page = Page(encrypted)
    async with page.http:
        await page.sign_in(origin="https://clinic.example", host="clinic.example")
        told = page.told
        assert told is not None
        assert told.key == SECURE_NAME
        assert (told["secure"], told["httponly"]) == (True, True)
        assert (told["path"], told["domain"]) == ("/", "")

        assert await page.renew(cookie=f"{NAME}={told.value}") == REFUSED
        unencrypted = {"origin": "http://clinic.example", "host": "clinic.example"}
        by_name = {"cookie": f"{SECURE_NAME}={told.value}"}
        assert await page.renew(**by_name, **unencrypted) == NOT_HERE
        assert (await page.renew(**by_name))["problems"] == []


async def test_a_page_that_is_loaded_anew_goes_on_by_it(page: Page, database: str):
    first = page.cookie
    await a_while_passes(database, first)
    page.token = ""

    payload = await page.renew()

    assert payload["problems"] == []
    assert page.cookie not in (None, first)
    assert page.cookie not in page.answer.text
    page.token = payload["session"]["accessToken"]
    assert await page.ask(VIEWER) == {"__typename": "PatientViewer"}


async def test_two_tabs_that_renew_at_once_both_go_on(page: Page, database: str):
    await a_while_passes(database, page.cookie)
    sent = {"cookie": f"{NAME}={page.cookie}"}
    tabs = [Page(page.url), Page(page.url)]

    payloads = await asyncio.gather(*(tab.renew(**sent) for tab in tabs))

    for tab, payload in zip(tabs, payloads, strict=True):
        tab.token = payload["session"]["accessToken"]
        assert await tab.ask(VIEWER) == {"__typename": "PatientViewer"}
        await tab.http.aclose()
    [kept] = {tab.cookie for tab in tabs}
    assert kept != page.cookie
    assert await is_renewed_by(database, kept or "")


async def test_a_copy_that_is_used_later_ends_the_session_for_both(page: Page, database: str):
    await a_while_passes(database, page.cookie)
    thief = Page(page.url)
    copied = {"cookie": f"{NAME}={page.cookie}"}
    page.token = (await page.renew())["session"]["accessToken"]
    await a_while_passes(database, page.cookie)

    async with thief.http:
        assert await thief.renew(**copied) == REFUSED

    assert await page.ask(VIEWER) is None
    assert page.answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await page.renew() == REFUSED
    assert page.told is not None
    assert (page.told.value, page.told["max-age"]) == ("", "0")
    assert page.cookie is None


async def test_who_signs_out_leaves_nothing_behind(page: Page):
    kept = page.cookie

    assert await page.ask(SIGN_OUT) == {"problems": []}

    told = page.told
    assert told is not None
    assert (told.key, told.value, told["max-age"], told["path"]) == (NAME, "", "0", "/")
    assert told["httponly"] is True
    assert page.cookie is None
    page.token = ""
    assert await page.renew(cookie=f"{NAME}={kept}") == REFUSED


async def test_where_there_was_none_none_is_taken_away(url: str):
    page = Page(url)
    async with page.http:
        assert await page.renew() == REFUSED
        assert page.told is None


async def test_it_renews_and_proves_nothing_else(page: Page):
    page.token = ""

    assert await page.ask(VIEWER) is None
    assert "errors" not in page.answer.json()
    assert await page.ask(SIGN_OUT) is None
    assert page.answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert page.cookie is not None
    assert (await page.renew())["problems"] == []


# -------------------------------------------------------------- pages of others


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", None],
)
async def test_no_form_of_another_page_renews(page: Page, database: str, content_type: str | None):
    """What a browser sends without asking us first (CORS: a simple request)."""
    kept = page.cookie or ""
    await a_while_passes(database, kept)
    headers = {"content-type": content_type} if content_type else {}

    answer = await page.http.post("/graphql", content=json.dumps({"query": RENEW}), headers=headers)

    assert answer.status_code == 415
    assert "set-cookie" not in answer.headers
    assert await is_renewed_by(database, kept)


async def test_no_link_and_no_picture_of_another_page_renews(page: Page, database: str):
    kept = page.cookie or ""
    await a_while_passes(database, kept)

    answer = await page.http.get("/graphql", params={"query": RENEW})

    assert answer.status_code == 405
    assert "set-cookie" not in answer.headers
    assert await is_renewed_by(database, kept)


async def test_no_page_of_another_origin_is_told_that_it_may_send_more_or_read(page: Page):
    asked = {
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    preflight = await page.http.options("/graphql", headers=asked)
    await page.renew(origin=ALLOWED)

    assert preflight.status_code == 405
    for answer in (preflight, page.answer):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        (None, True),  # no browser
        ("own", True),
        (ALLOWED, True),
        ("http://127.0.0.1:1", False),
        ("https://evil.example", False),
        ("null", False),
    ],
)
async def test_it_is_for_pages_of_our_own_and_those_that_are_named(
    page: Page, database: str, origin: str | None, taken: bool
):
    """That sockets are open to all ("*") is another matter."""
    kept = page.cookie or ""
    await a_while_passes(database, kept)
    headers = {} if origin is None else {"origin": page.url if origin == "own" else origin}

    payload = await page.renew(**headers)
    told = page.told
    signed_in = await page.sign_in(**headers)

    assert payload["problems"] == ([] if taken else NOT_HERE["problems"])
    assert (told is not None) == taken
    assert await is_renewed_by(database, kept) != taken
    at_fault = [] if taken else [{"code": "INVALID", "path": ["cookie"]}]
    assert signed_in["problems"] == at_fault
    assert (page.told is not None) == taken


# ------------------------------------------------------------- sockets and streams


async def test_over_a_socket_none_is_kept_and_none_is_read(page: Page, database: str):
    kept = page.cookie or ""
    who = {"email": "a@example.com", "cpf": make.cpf(), "password": "quatro palavras"}
    asked = {
        "1": {"query": RENEW},
        "2": {"query": SIGN_IN, "variables": {"input": {**who, "cookie": True}}},
    }
    async with websockets.connect(
        page.url.replace("http", "ws") + "/graphql",
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        additional_headers={"cookie": f"{NAME}={kept}"},
        proxy=None,
    ) as wire:
        await wire.send('{"type": "connection_init"}')
        await wire.recv()
        problems = {}
        for id, payload in asked.items():
            await wire.send(json.dumps({"id": id, "type": "subscribe", "payload": payload}))
            message = json.loads(await wire.recv())
            [value] = message["payload"]["data"].values()
            problems[id] = value["problems"]
            await wire.recv()

    assert problems == {
        "1": [{"code": "INVALID", "path": []}],
        "2": [{"code": "INVALID", "path": ["cookie"]}],
    }
    assert await is_renewed_by(database, kept)


@pytest.mark.parametrize("path", ["/graphql", "/graphql/stream"])
async def test_nor_by_a_stream_of_events(page: Page, database: str, path: str):
    kept = page.cookie or ""
    events = {"accept": "text/event-stream"}

    answer = await page.http.post(path, json={"query": RENEW}, headers=events)

    assert '"code":"INVALID"' in answer.text
    assert "set-cookie" not in answer.headers
    assert await is_renewed_by(database, kept)


# ------------------------------------------------------------------------ logs


async def test_no_log_has_it(page: Page, database: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        seen = [page.cookie or ""]
        await a_while_passes(database, page.cookie)
        await page.renew()
        seen.append(page.cookie or "")
        await page.renew(cookie=f"{NAME}={seen[0]}x")

    assert len(set(seen)) == 2
    of_ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert of_ours
    text = "\n".join(logging.Formatter().format(each) + repr(each.__dict__) for each in of_ours)
    assert not [each for each in seen if each.partition(".")[2] in text]
