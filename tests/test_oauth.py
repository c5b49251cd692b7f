"""Partners get tokens with their secret, give them back, and ask about them; others get nothing."""

import asyncio
import base64
import json
import logging
import warnings
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette

from domain.auth import Scope
from domain.limits import Limits
from domain.oauth import LONGEST_FORM
from tests import make
from tests.make import NOW, SECRET, Program
from tests.server import LocalServer
from transport.gate import RateLimited

with warnings.catch_warnings():  # that it would rather have httpx2, which nobody else here uses
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

ISSUER = "http://127.0.0.1:8000"
TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}
VIEWER = "{ viewer { ... on PartnerViewer { name scopes } } }"
SECOND = timedelta(seconds=1)


@pytest.fixture
def app(server: LocalServer) -> Starlette:
    return Starlette(routes=server.app.oauth_routes(lambda door: door))


@pytest.fixture
async def http(app: Starlette):
    async with at(app) as client:
        yield client


def at(app: Starlette, address: str | None = None) -> httpx.AsyncClient:
    """From a new address, unless it is said from which."""
    transport = httpx.ASGITransport(app, client=(address or str(uuid4()), 1))
    return httpx.AsyncClient(transport=transport, base_url=ISSUER)


@pytest.fixture
async def partner(server: LocalServer) -> Program:
    """Who may read both."""
    made = make.partner(name="Farmácia Popular")
    await server.given(made)
    return made


def basic(id: object, secret: str = SECRET) -> dict[str, str]:
    pair = f"{quote(str(id))}:{quote(secret)}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


async def grant(http: httpx.AsyncClient, partner: Program, **given: str) -> dict[str, Any]:
    answer = await http.post(TOKEN, data={**CLIENT_CREDENTIALS, **given}, headers=basic(partner.id))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def ask(server: LocalServer, token: str, query: str = VIEWER) -> dict[str, Any]:
    caller = server.app.authenticate(f"Bearer {token}")
    operation = server.documents.prepare(query)
    answer: dict[str, Any] = json.loads(await server.operations.answer(operation, {}, caller))
    return answer


async def refused(server: LocalServer, token: str) -> bool:
    answer = await ask(server, token)
    return [e["extensions"]["code"] for e in answer.get("errors", [])] == ["UNAUTHENTICATED"]


# ------------------------------------------------------------------------- tokens


@pytest.mark.parametrize("by_header", [True, False], ids=["basic", "post"])
async def test_a_secret_gets_a_token_that_says_who_asks(
    server: LocalServer, http: httpx.AsyncClient, partner: Program, by_header: bool
):
    form = {"client_id": str(partner.id), "client_secret": SECRET}
    answer = await http.post(
        TOKEN,
        data=CLIENT_CREDENTIALS | ({} if by_header else form),
        headers=basic(partner.id) if by_header else {},
    )

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    token = told.pop("access_token")
    assert told == {"token_type": "Bearer", "expires_in": 600, "scope": "doctors:read slots:read"}
    assert (await ask(server, token))["data"] == {
        "viewer": {"name": "Farmácia Popular", "scopes": ["doctors:read", "slots:read"]}
    }
    assert await server.audited(partner) == ["IssueToken"]


async def test_others_can_prove_a_token(http: httpx.AsyncClient, partner: Program):
    token = (await grant(http, partner))["access_token"]
    keys = KeySet.import_key_set((await http.get("/.well-known/jwks.json")).json())

    proved = jwt.decode(token, keys, algorithms=["ES256"])

    assert proved.header["typ"] == "at+jwt"
    assert proved.claims["iss"] == ISSUER
    assert proved.claims["sub"] == proved.claims["client_id"] == str(partner.id)
    assert proved.claims["exp"] == (NOW + timedelta(minutes=10)).timestamp()
    assert proved.claims["scope"] == "doctors:read slots:read"


async def test_a_client_of_oauth_finds_its_way_by_the_metadata(app: Starlette, partner: Program):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        found = (await http.get("/.well-known/oauth-authorization-server")).json()
    async with AsyncOAuth2Client(
        str(partner.id), SECRET, scope="slots:read", transport=transport
    ) as client:
        token = await client.fetch_token(found["token_endpoint"], **CLIENT_CREDENTIALS)
        about = await client.introspect_token(found["introspection_endpoint"])
        await client.revoke_token(found["revocation_endpoint"])
        after = await client.introspect_token(
            found["introspection_endpoint"], token=token["access_token"]
        )

    assert token["scope"] == "slots:read"
    assert about.json()["active"] is True
    assert after.json() == {"active": False}


async def test_a_token_may_have_fewer_scopes_than_its_partner(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    told = await grant(http, partner, scope="slots:read")

    assert told["scope"] == "slots:read"
    answer = await ask(server, told["access_token"], "{ eventCursor specialties { code } }")
    assert answer["data"]["eventCursor"]
    assert answer["data"]["specialties"] is None


async def test_a_token_is_good_for_ten_minutes(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    token = (await grant(http, partner))["access_token"]

    server.now = NOW + timedelta(minutes=10) - SECOND
    assert not await refused(server, token)
    server.now = NOW + timedelta(minutes=10)
    assert await refused(server, token)


# ----------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password", "username": "ana"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        (CLIENT_CREDENTIALS | {"scope": "everything"}, "invalid_scope"),
        (CLIENT_CREDENTIALS | {"scope": "slots:read everything"}, "invalid_scope"),
        (CLIENT_CREDENTIALS | {"scope": "documents:any"}, "invalid_scope"),
        (CLIENT_CREDENTIALS | {"scope": " "}, "invalid_scope"),
        (CLIENT_CREDENTIALS | {"client_secret": SECRET}, "invalid_request"),
        ({"grant_type": ["client_credentials"] * 2}, "invalid_request"),
        ({f"field{n}": "x" for n in range(30)}, "invalid_request"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_as_the_rfc_has_it(
    server: LocalServer, http: httpx.AsyncClient, partner: Program, form, error: str
):
    before = (await server.counts())["partner_token"]

    answer = await http.post(TOKEN, data=form, headers=basic(partner.id))

    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert (await server.counts())["partner_token"] == before


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", ""])
async def test_only_forms_are_taken(http: httpx.AsyncClient, partner: Program, content_type):
    headers = {**basic(partner.id), "content-type": content_type}

    answer = await http.post(TOKEN, content=b"grant_type=client_credentials", headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_form_that_is_too_long_is_not_read(http: httpx.AsyncClient, partner: Program):
    form = CLIENT_CREDENTIALS | {"x": "y" * LONGEST_FORM}

    answer = await http.post(TOKEN, data=form, headers=basic(partner.id))

    assert answer.status_code == 413
    assert answer.json() == {"error": "invalid_request"}


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
async def test_who_comes_without_the_right_secret_is_told_no_more(
    server: LocalServer, app: Starlette, partner: Program, path: str
):
    suspended = make.partner(suspended_at=NOW)
    await server.given(suspended)
    id = str(partner.id)
    strangers: list[dict[str, Any]] = [
        {},
        {"headers": basic(id, "wrong")},
        {"headers": basic(id, "")},
        {"headers": basic(id, f"{SECRET} ")},
        {"headers": basic(id.upper())},
        {"headers": basic(uuid4())},
        {"headers": basic("nobody\0")},
        {"headers": basic(suspended.id)},
        {"headers": {"authorization": "Basic"}},
        {"headers": {"authorization": "Basic %%%"}},
        {"headers": {"authorization": b"Basic \xff\xfe"}},
        {"headers": {"authorization": f"Basic {base64.b64encode(bytes(range(255))).decode()}"}},
        {"headers": {"authorization": "Bearer x.y.z"}},
        {"data": {"client_id": id}},
        {"data": {"client_id": id, "client_secret": "wrong"}},
        {"data": {"client_id": str(uuid4()), "client_secret": SECRET}},
    ]
    told = []
    for stranger in strangers:
        form = {**CLIENT_CREDENTIALS, "token": "x", **stranger.pop("data", {})}
        async with at(app) as http:
            answer = await http.post(path, data=form, **stranger)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Basic realm="')
        told.append(answer.json())

    assert all(each == told[0] for each in told)
    assert told[0]["error"] == "invalid_client"


async def test_whoever_guesses_secrets_has_to_wait_and_the_partner_elsewhere_does_not(
    server: LocalServer, app: Starlette, http: httpx.AsyncClient, partner: Program
):
    async with at(app, "192.0.2.66") as guesser:
        wrong = basic(partner.id, "wrong")
        for _ in range(Limits().attempts + 1):
            guessed = await guesser.post(TOKEN, data=CLIENT_CREDENTIALS, headers=wrong)
            assert guessed.status_code == 401
        held = await guesser.post(TOKEN, data=CLIENT_CREDENTIALS, headers=basic(partner.id))
        assert held.status_code == 429
        assert held.headers["retry-after"] == "1"
        assert held.json()["error"] == "temporarily_unavailable"

        await grant(http, partner)
        server.now += SECOND
        await grant(guesser, partner)
        again = await guesser.post(TOKEN, data=CLIENT_CREDENTIALS, headers=wrong)
        assert again.status_code == 401


async def test_the_right_secret_with_a_wrong_scope_is_no_failed_attempt(
    http: httpx.AsyncClient, partner: Program
):
    for _ in range(3 * Limits().attempts):
        form = CLIENT_CREDENTIALS | {"scope": "everything"}
        answer = await http.post(TOKEN, data=form, headers=basic(partner.id))

        assert answer.status_code == 400


async def test_whoever_asks_too_often_is_told_when_to_come_back(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    with mock.patch.object(server.app._gate, "admit", side_effect=RateLimited(3.2)):
        answer = await http.post(TOKEN, data=CLIENT_CREDENTIALS, headers=basic(partner.id))

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "4"


async def test_what_fails_is_told_by_a_reference(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    with mock.patch.object(server.app.works, "begin", side_effect=RuntimeError(SECRET)):
        answer = await http.post(TOKEN, data=CLIENT_CREDENTIALS, headers=basic(partner.id))

    assert answer.status_code == 500
    assert answer.json()["error"] == "server_error"
    assert SECRET not in answer.text


async def test_no_secret_and_no_token_is_in_the_log(
    app: Starlette, http: httpx.AsyncClient, partner: Program, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO):
        token = (await grant(http, partner))["access_token"]
        await http.post(REVOKE, data={"token": token}, headers=basic(partner.id))
        async with at(app) as stranger:
            for _ in range(Limits().attempts + 3):
                headers = basic(partner.id, "zyx-wrong")
                await stranger.post(TOKEN, data=CLIENT_CREDENTIALS, headers=headers)

    assert caplog.records
    for secret in (SECRET, "zyx-wrong", token, str(partner.id)):
        assert secret not in caplog.text


# ------------------------------------------------------ revocation, introspection


async def test_a_token_that_is_given_back_is_good_no_more(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    token, other = [(await grant(http, partner))["access_token"] for _ in range(2)]
    assert not await refused(server, token)

    for _ in range(2):
        answer = await http.post(
            REVOKE, data={"token": token, "token_type_hint": "x"}, headers=basic(partner.id)
        )
        assert answer.status_code == 200

    assert await refused(server, token)
    assert not await refused(server, other)
    assert (
        server.ended.count(server.app.services.tokens.prove(token, at=NOW).viewer.session_id) == 1
    )


@pytest.mark.parametrize("token", ["", "x", "x.y.z"])
async def test_what_is_no_token_is_given_back_without_an_error(
    http: httpx.AsyncClient, partner: Program, token: str
):
    form = {"token": token} if token else {}
    answer = await http.post(REVOKE, data=form, headers=basic(partner.id))

    assert answer.status_code == (200 if token else 400)


async def test_nobody_ends_or_looks_into_what_is_anothers(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    other, ana = make.partner(), make.patient()
    await server.given(other, ana)
    token = (await grant(http, partner))["access_token"]
    of_ana, _ = server.app.services.tokens.issue(ana.viewer, at=NOW)

    for foreign, status in ((token, 400), (of_ana, 200)):
        revoked = await http.post(REVOKE, data={"token": foreign}, headers=basic(other.id))
        assert revoked.status_code == status
        told = await http.post(INTROSPECT, data={"token": foreign}, headers=basic(other.id))
        assert told.json() == {"active": False}

    assert not await refused(server, token)
    assert ana.session.id not in server.ended


async def test_a_partner_is_told_of_its_own_token_while_it_is_good(
    server: LocalServer, http: httpx.AsyncClient, partner: Program
):
    token = (await grant(http, partner, scope="slots:read"))["access_token"]

    async def told() -> dict[str, Any]:
        answer = await http.post(INTROSPECT, data={"token": token}, headers=basic(partner.id))
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        return body

    about = await told()
    assert about.pop("jti")
    assert about == {
        "active": True,
        "client_id": str(partner.id),
        "sub": str(partner.id),
        "token_type": "Bearer",
        "scope": "slots:read",
        "iss": ISSUER,
        "aud": "healthmed",
        "iat": NOW.timestamp(),
        "exp": (NOW + timedelta(minutes=10)).timestamp(),
    }
    server.now = NOW + timedelta(minutes=10)
    assert await told() == {"active": False}


# ----------------------------------------------------------------------- metadata


async def test_the_metadata_say_what_there_is_and_no_more(http: httpx.AsyncClient):
    answer = await http.get("/.well-known/oauth-authorization-server")
    told = answer.json()

    assert answer.headers["cache-control"] == "public, max-age=300"
    assert told["issuer"] == ISSUER
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["scopes_supported"] == list(Scope)
    assert told["response_types_supported"] == []
    metadata = AuthorizationServerMetadata(told)
    for key in told.keys() - {"response_types_supported"}:  # authlib knows of no server without
        getattr(metadata, f"validate_{key}")()
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert (await http.post(told[name])).status_code == 400
        assert (await http.get(told[name])).status_code == 405


async def test_openids_document_says_the_same_and_how_tokens_are_signed(http: httpx.AsyncClient):
    told = (await http.get("/.well-known/openid-configuration")).json()
    plain = (await http.get("/.well-known/oauth-authorization-server")).json()

    assert told == plain | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }
    metadata = OpenIDProviderMetadata(told)
    for key in ("issuer", "jwks_uri", "subject_types_supported"):
        getattr(metadata, f"validate_{key}")()
    [key, *_] = (await http.get(told["jwks_uri"])).json()["keys"]
    assert key["alg"] == "ES256"


async def test_a_client_of_oauth_is_told_why_it_is_refused(app: Starlette, partner: Program):
    async with AsyncOAuth2Client(
        str(partner.id), "wrong", transport=httpx.ASGITransport(app)
    ) as client:
        with pytest.raises(OAuthError) as refusal:
            await client.fetch_token(ISSUER + TOKEN, **CLIENT_CREDENTIALS)

    assert refusal.value.error == "invalid_client"


async def test_of_many_at_once_all_get_their_tokens(http: httpx.AsyncClient, partner: Program):
    """None waits for another for longer than the other takes, and no attempt is counted."""
    told = await asyncio.gather(*(grant(http, partner) for _ in range(20)))

    assert len({each["access_token"] for each in told}) == 20


async def test_a_secret_before_its_rotation_is_good_until_the_overlap_is_over(
    server: LocalServer, app: Starlette
):
    partner = make.partner()
    rotated = replace(
        partner.who, secret_hash=b"x" * 32, previous_hash=partner.who.secret_hash,
        previous_until=NOW + timedelta(days=7),
    )  # fmt: skip
    await server.given(replace(partner, who=rotated))

    async with at(app) as http:
        await grant(http, partner)
        server.now = NOW + timedelta(days=7)
        answer = await http.post(TOKEN, data=CLIENT_CREDENTIALS, headers=basic(partner.id))

    assert answer.status_code == 401
