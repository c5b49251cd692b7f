"""Access tokens prove what they were issued for, for ten minutes, and nothing else proves it."""

import base64
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from domain.auth import Role, Scope, Viewer
from domain.ids import SessionId, UserId, new_id
from integrations import tokens
from integrations.keys import SigningKeys
from integrations.tokens import JwtTokens
from tests.make import NOW

KEY, NEXT = (ECKey.generate_key("P-256", private=True, auto_kid=True) for _ in range(2))
OTHER = ECKey.generate_key("P-256", private=True, auto_kid=True)
ISSUER = "https://clinic.example"
TEN_MINUTES = timedelta(minutes=10)
ANA = Viewer(user_id=UserId(new_id()), role=Role.PATIENT, session_id=SessionId(new_id()))


def made(current=KEY, next=NEXT, previous=None):
    private = [key and key.as_dict(private=True) for key in (current, next, previous)]
    signing = SigningKeys(current=private[0], next=private[1], previous=private[2])
    return JwtTokens(signing, issuer=ISSUER, lasts=TEN_MINUTES)


def read(issuer, token, *, at):
    """Whom it proves."""
    proof = issuer.prove(token, at=at)
    return proof and proof.viewer


def claims(**given):
    token, _ = made().issue(ANA, at=NOW)
    return {n: v for n, v in (content(token) | given).items() if v is not None}


def content(token, part=1):
    text = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed(claims, key=KEY, **header):
    return jwt.encode({"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"} | header, claims, key)


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.PATIENT])
def test_a_token_proves_who_it_was_issued_to_until_it_expires(role):
    issuer, viewer = made(), replace(ANA, role=role)

    token, expires_at = issuer.issue(viewer, at=NOW)

    assert expires_at == NOW + TEN_MINUTES
    moment = timedelta(microseconds=1)
    assert read(issuer, token, at=NOW) == viewer
    assert read(issuer, token, at=expires_at - moment) == viewer
    assert read(issuer, token, at=expires_at) is None
    assert read(issuer, token, at=expires_at + TEN_MINUTES) is None


def test_a_token_never_lasts_longer_than_it_is_said_to():
    issuer = made()
    at = NOW.replace(microsecond=999_999)

    token, expires_at = issuer.issue(ANA, at=at)

    assert expires_at <= at + TEN_MINUTES
    assert content(token)["exp"] == expires_at.timestamp()


def test_another_server_with_the_same_key_reads_it():
    token, _ = made().issue(ANA, at=NOW)

    assert read(made(), token, at=NOW) == ANA


def test_a_token_says_by_which_key_and_for_whom_and_no_more_of_a_person():
    token, _ = made().issue(ANA, at=NOW)

    assert content(token, 0) == {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}
    assert content(token).keys() == {
        *("iss", "aud", "sub", "client_id", "sid", "role", "iat", "exp", "jti"),
    }
    assert content(token)["iss"] == ISSUER


def test_a_partners_token_is_its_session_and_says_what_it_is_for():
    viewer = replace(ANA, role=Role.PARTNER, scopes=frozenset({Scope.SLOTS, Scope.DOCTORS}))

    token, _ = made().issue(viewer, at=NOW)

    assert read(made(), token, at=NOW) == viewer
    told = content(token)
    assert told.keys() == {
        *("iss", "aud", "sub", "client_id", "role", "iat", "exp", "jti", "scope"),
    }
    assert told["sub"] == told["client_id"] == str(viewer.user_id)
    assert told["jti"] == str(viewer.session_id)
    assert told["scope"] == "doctors:read slots:read"


@pytest.mark.parametrize(
    "wrong", [{"scope": "all"}, {"scope": None}, {"scope": ["slots:read"]}, {"jti": "7"}], ids=str
)
def test_a_partners_claims_that_are_not_ours_prove_nothing(wrong):
    viewer = replace(ANA, role=Role.PARTNER, scopes=frozenset({Scope.SLOTS}))
    token, _ = made().issue(viewer, at=NOW)
    changed = {n: v for n, v in (content(token) | wrong).items() if v is not None}

    assert read(made(), signed(content(token)), at=NOW) == viewer
    assert read(made(), signed(changed), at=NOW) is None


def test_no_two_tokens_are_alike():
    issuer = made()

    assert len({issuer.issue(ANA, at=NOW)[0] for _ in range(100)}) == 100


def test_servers_of_two_rotations_read_each_others_tokens():
    before, after = made(), made(current=NEXT, next=OTHER, previous=KEY)

    assert read(after, before.issue(ANA, at=NOW)[0], at=NOW) == ANA
    assert read(before, after.issue(ANA, at=NOW)[0], at=NOW) == ANA


def test_after_two_rotations_a_key_proves_nothing():
    token, _ = made().issue(ANA, at=NOW)
    latest = made(current=OTHER, next=ECKey.generate_key("P-256", auto_kid=True), previous=NEXT)

    assert read(latest, token, at=NOW) is None


def test_the_public_keys_are_told_and_nothing_of_the_private_ones():
    told = made(previous=OTHER).public_keys()

    assert {key["kid"] for key in told["keys"]} == {KEY.kid, NEXT.kid, OTHER.kid}
    for key in told["keys"]:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    token, _ = made().issue(ANA, at=NOW)
    assert jwt.decode(token, KeySet.import_key_set(told)).claims["sub"] == str(ANA.user_id)


def test_what_another_key_signed_proves_nothing():
    other = ECKey.generate_key("P-256", private=True)

    assert read(made(), signed(claims(), other), at=NOW) is None
    assert read(made(), signed(claims(), other, kid="of nobody"), at=NOW) is None


def test_a_token_that_names_its_own_key_proves_nothing():
    other = ECKey.generate_key("P-256", private=True)

    forged = signed(claims(), other, jwk=other.as_dict(private=False))

    assert read(made(), forged, at=NOW) is None


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_our_public_key_is_nobodys_secret():
    signing = f"{part({'alg': 'HS256', 'kid': KEY.kid, 'typ': 'at+jwt'})}.{part(claims())}"

    for public in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        code = hmac.digest(public, signing.encode(), "sha256")
        forged = f"{signing}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"

        assert read(made(), forged, at=NOW) is None


def test_an_unsigned_token_proves_nothing():
    head = part({"alg": "none", "typ": "at+jwt"})

    assert read(made(), f"{head}.{part(claims())}.", at=NOW) is None


def test_with_any_part_changed_it_proves_nothing():
    token, _ = made().issue(ANA, at=NOW)
    issuer = made()
    head, _, signature = token.split(".")
    doctors, _ = made().issue(replace(ANA, role=Role.DOCTOR), at=NOW)

    assert read(issuer, f"{head}.{doctors.split('.')[1]}.{signature}", at=NOW) is None
    assert read(issuer, token[:-8] + "AAAAAAAA", at=NOW) is None
    assert read(issuer, f"{head}.{token.split('.')[1]}", at=NOW) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "somebody"},
        {"aud": "something"},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"sub": "ana"},
        {"sid": "None"},
        {"role": "EMPEROR"},
        {"role": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1e30},
    ],
    ids=str,
)
def test_claims_that_are_not_ours_prove_nothing(wrong):
    assert read(made(), signed(claims(**wrong)), at=NOW) is None


@given(st.text() | st.from_regex(r"[\w-]{0,30}\.[\w-]{0,30}\.[\w-]{0,30}"))
@example("")
@example(".")
@example("..")
@example("a.b.c")
@example("eyJhbGciOiJFUzI1NiJ9..")
@example("e30.e30.e30")
@example("W10.W10.W10")
@example("\ud800.\ud800.\ud800")
@example("a" * 100_000)
def test_whatever_is_sent_is_read_without_falling_over(text):
    assert read(made(), text, at=NOW) is None


def test_only_so_many_verified_tokens_are_remembered(monkeypatch):
    monkeypatch.setattr(tokens, "_KEPT", 3)
    issuer = made()
    given = [issuer.issue(ANA, at=NOW)[0] for _ in range(10)]

    for token in given * 2:
        assert read(issuer, token, at=NOW) == ANA
    read(issuer, "garbage", at=NOW)

    assert list(issuer._verified) == given[-3:]
