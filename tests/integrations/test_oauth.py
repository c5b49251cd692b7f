"""Authlib reads whatever is sent, and whatever it finds is told as OAuth's errors."""

import base64
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import oauth
from domain.auth import Scope
from domain.oauth import FORM, Asked, Client, Credentials, OAuthError
from integrations.oauth import AuthlibOAuth
from tests import make
from tests.make import SECRET

OURS = AuthlibOAuth("https://clinic.example")
PARTNER = make.partner()
RIGHT = Credentials(client_id=str(PARTNER.id), secret=SECRET)
KNOWN = Client(credentials=RIGHT, partner=PARTNER.who)
NAMES = ("client_id", "client_secret", "grant_type", "scope", "token", "token_type_hint", "x")
headers = st.text(st.characters(max_codepoint=255)) | st.binary().map(
    lambda pair: f"Basic {base64.b64encode(pair).decode()}"
)
forms = st.dictionaries(st.sampled_from(NAMES), st.text(min_size=1) | st.just("client_credentials"))


def basic(id: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{id}:{secret}'.encode()).decode()}"


@given(st.sampled_from([FORM, f"{FORM};charset=UTF-8"]) | st.text(), st.binary())
@example(FORM, b"\xff=%ff&%00=%zz&&=&;")
@example(FORM, b"a=" + b"&b=" * 10_000)
def test_whatever_is_posted_is_a_form_or_refused(content_type: str, body: bytes):
    with suppress(OAuthError):
        asked = oauth.read(content_type, body, None)
        assert all(isinstance(text, str) for pair in asked.form.items() for text in pair)


@given(forms, st.none() | headers)
@example({}, "Basic \xff")
@example({}, "Basic ====")
@example({"client_id": "a", "client_secret": "b"}, "Basic")
def test_whatever_is_in_it_no_stranger_is_let_in(form: dict[str, str], header: str | None):
    asked = Asked(form=form, authorization=header)

    with pytest.raises(OAuthError) as refusal:
        OURS.authenticate(asked, Client(credentials=OURS.credentials(asked), partner=None))

    assert refusal.value.status in (400, 401)


@given(forms)
def test_whatever_a_partner_asks_it_gets_its_own_scopes_or_an_error(form: dict[str, str]):
    asked = Asked(form=form, authorization=basic(RIGHT.client_id, SECRET))

    with suppress(OAuthError):
        assert OURS.scopes(asked, KNOWN) <= set(PARTNER.who.scopes)
    with suppress(OAuthError):
        assert OURS.revoked(asked, KNOWN, PARTNER.token) is PARTNER.token
    with suppress(OAuthError):
        assert OURS.introspected(asked, KNOWN, None) == {"active": False}


@pytest.mark.parametrize(
    "authorization",
    [
        basic(RIGHT.client_id, "another"),
        basic("another", SECRET),
        basic(RIGHT.client_id, f"{SECRET}x"),
        None,
    ],
    ids=["another secret", "another client", "a longer secret", "nothing"],
)
def test_what_was_proved_is_good_for_what_was_sent_alone(authorization: str | None):
    """Were one thing looked up and another one read, a proof would pass from one to the other."""
    asked = Asked(form={"grant_type": "client_credentials"}, authorization=authorization)

    with pytest.raises(OAuthError) as refusal:
        OURS.authenticate(asked, KNOWN)

    assert refusal.value.body["error"] == "invalid_client"


def test_without_encryption_no_secret_is_taken_but_on_this_machine():
    asked = Asked(form={}, authorization=basic(RIGHT.client_id, SECRET))

    for issuer in ("https://clinic.example", "http://127.0.0.1:8000", "http://localhost"):
        assert AuthlibOAuth(issuer).authenticate(asked, KNOWN) == PARTNER.who
    with pytest.raises(OAuthError) as refusal:
        AuthlibOAuth("http://clinic.example").authenticate(asked, KNOWN)
    assert refusal.value.body["error"] == "insecure_transport"


@pytest.mark.parametrize("scope", Scope)
def test_a_partner_has_no_scope_but_its_own(scope: Scope):
    form = {"grant_type": "client_credentials", "scope": scope.value}
    asked = Asked(form=form, authorization=basic(RIGHT.client_id, SECRET))

    if scope in PARTNER.who.scopes:
        assert OURS.scopes(asked, KNOWN) == {scope}
    else:
        with pytest.raises(OAuthError) as refusal:
            OURS.scopes(asked, KNOWN)
        assert refusal.value.body["error"] == "invalid_scope"
