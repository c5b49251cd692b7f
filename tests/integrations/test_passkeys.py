"""Whatever is handed in as the answer of an authenticator, nothing but a genuine one is taken."""

import json
from datetime import timedelta

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.passkeys import Answer, NewKey
from integrations.passkeys import WebAuthn
from tests import make
from tests.authenticator import Authenticator, new_key, read, show

PAGES = WebAuthn("https://healthmed.example/")
ORIGIN = "https://healthmed.example"
CHALLENGE = b"q" * 72
ACCOUNT = make.patient().account
CREATE = PAGES.creation_options(ACCOUNT, "ana", CHALLENGE, (), lasts=timedelta(minutes=5))
GET = PAGES.request_options(CHALLENGE, lasts=timedelta(minutes=5))
PHONE = Authenticator(ORIGIN)
CREATED = PHONE.create(CREATE)
SIGNED = PHONE.get(GET)
KEY = PHONE.held[0].cose
UNSIGNED = {"transports", "userHandle", "authenticatorAttachment", "clientExtensionResults"}


def new_key_of(content: str) -> NewKey | None:
    answer = PAGES.read(content)
    return PAGES.new_key(answer) if answer else None


def is_used(content: str, key: bytes = KEY) -> bool:
    answer = PAGES.read(content)
    return answer is not None and PAGES.use(answer, key) is not None


def test_a_genuine_answer_is_read_whole():
    read_ = PAGES.read(CREATED)

    assert read_ == Answer(
        content=CREATED,
        credential_id=PHONE.held[0].id,
        challenge=CHALLENGE,
        user_handle=None,
    )
    assert PAGES.read(SIGNED).user_handle == ACCOUNT.id.bytes
    assert new_key_of(CREATED) == NewKey(
        public_key=KEY, sign_count=0, transports=("hybrid", "internal"), backed_up=False
    )
    assert is_used(SIGNED)


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origin"),
    [
        ("https://healthmed.example", "healthmed.example", "https://healthmed.example"),
        ("https://Healthmed.Example/app/", "healthmed.example", "https://healthmed.example"),
        ("https://healthmed.example:443", "healthmed.example", "https://healthmed.example"),
        ("https://healthmed.example:8443/", "healthmed.example", "https://healthmed.example:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:80", "localhost", "http://localhost"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_host_and_origin_are_those_of_our_pages(public_url: str, rp_id: str, origin: str):
    pages, phone = WebAuthn(public_url), Authenticator(origin)
    lasts = timedelta(minutes=5)

    created = phone.create(pages.creation_options(ACCOUNT, "ana", CHALLENGE, (), lasts=lasts))

    assert phone.held[0].rp_id == rp_id
    assert pages.new_key(pages.read(created)) is not None


def test_no_other_key_has_signed_it():
    other = Authenticator(ORIGIN)
    other.create(CREATE)

    assert not is_used(SIGNED, other.held[0].cose)
    assert not is_used(PHONE.get(GET, key=new_key()))


def test_one_kind_of_answer_does_not_pass_for_the_other():
    assert new_key_of(SIGNED) is None
    assert not is_used(CREATED)


def test_the_key_is_of_the_credential_that_the_authenticator_names():
    content = json.loads(CREATED)
    content["id"] = content["rawId"] = show(b"of somebody else")

    assert new_key_of(json.dumps(content)) is None


def test_what_an_authenticator_cannot_be_reached_by_is_left_out():
    told = ["usb", "smoke signals", 7, None, "usb"]
    content = json.loads(CREATED)
    content["response"]["transports"] = told

    assert new_key_of(json.dumps(content)).transports == ("usb",)


@pytest.mark.parametrize(
    "content",
    [
        b"\x81" * 5_000,
        b"\x9f" * 5_000,
        b"\xa1" * 5_000,
        b"\x9b" + b"\xff" * 8,
        b"\x5b" + b"\xff" * 8,
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"\xff" * 37}),
        cbor2.dumps({"fmt": ["none"], "attStmt": 1, "authData": "x"}),
        cbor2.dumps({"fmt": "tpm", "attStmt": {"x5c": [b"x"]}, "authData": b"\x45" * 90}),
    ],
    ids=lambda content: content[:4].hex(),
)
def test_what_is_made_to_break_a_parser_is_no_key(content: bytes):
    created = json.loads(CREATED)
    created["response"]["attestationObject"] = show(content)

    assert new_key_of(json.dumps(created)) is None


@settings(max_examples=300)
@given(st.data())
def test_a_signed_answer_with_one_byte_changed_is_refused(data: st.DataObject):
    answer = json.loads(SIGNED)
    name = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    content = bytearray(read(answer["response"][name]))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    answer["response"][name] = show(bytes(content))

    assert not is_used(json.dumps(answer))


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_told_in_place_of_a_part_nothing_breaks(data: st.DataObject):
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.binary().map(show),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    content = json.loads(data.draw(st.sampled_from([CREATED, SIGNED])))
    place = content if data.draw(st.booleans()) else content["response"]
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(anything.filter(lambda value: value != place[name]))
    text = json.dumps(content)

    taken = new_key_of(text) is not None or is_used(text)
    assert not taken or name in UNSIGNED


@given(st.text())
def test_any_text_is_no_answer(text: str):
    assert PAGES.read(text) is None
