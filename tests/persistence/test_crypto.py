"""What is sealed opens in its place alone, and what is fingerprinted cannot be guessed."""

import hashlib
import secrets
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from persistence.crypto import Vault

PLACE = "patient.cpf:01940000-0000-7000-8000-000000000000"


def keys(**given):
    fresh = {"sealing": secrets.token_bytes(32), "hashing": secrets.token_bytes(32)}
    return SimpleNamespace(**(fresh | given))


VAULT = Vault(keys())


@given(st.text(), st.text())
def test_what_is_sealed_opens_in_its_place(text, place):
    assert VAULT.open(VAULT.seal(text, place), place) == text


@given(st.text(), st.text())
def test_in_another_place_it_does_not_open(text, place):
    sealed = VAULT.seal(text, PLACE)

    with pytest.raises(InvalidTag):
        VAULT.open(sealed, place)


def test_with_any_bit_changed_it_does_not_open():
    sealed = VAULT.seal("52998224725", PLACE)

    for number in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[number // 8] ^= 1 << number % 8
        with pytest.raises(InvalidTag):
            VAULT.open(bytes(changed), PLACE)


def test_with_bytes_missing_or_more_it_does_not_open():
    sealed = VAULT.seal("52998224725", PLACE)

    for wrong in (*(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(InvalidTag):
            VAULT.open(wrong, PLACE)


def test_with_another_key_it_does_not_open():
    with pytest.raises(InvalidTag):
        Vault(keys()).open(VAULT.seal("52998224725", PLACE), PLACE)


def test_the_same_text_is_never_sealed_into_the_same_bytes():
    sealed = {VAULT.seal("52998224725", PLACE) for _ in range(1000)}

    assert len(sealed) == 1000
    assert not any(b"52998224725" in each for each in sealed)


@given(st.text(), st.text())
def test_a_fingerprint_is_the_same_for_the_same_text_alone(one, other):
    assert (VAULT.fingerprint(one) == VAULT.fingerprint(other)) is (one == other)
    assert len(VAULT.fingerprint(one)) == 32


def test_without_the_key_nobody_can_try_guesses():
    hashing = secrets.token_bytes(32)
    print_ = Vault(keys(hashing=hashing)).fingerprint("cpf:52998224725")

    assert print_ == Vault(keys(hashing=hashing)).fingerprint("cpf:52998224725")
    assert print_ != VAULT.fingerprint("cpf:52998224725")
    assert print_ != hashlib.sha256(b"cpf:52998224725").digest()


def test_nobody_reads_a_vaults_keys_out_of_a_traceback():
    given = keys()

    shown = repr(Vault(given)) + str(vars(Vault(given)).get("_cipher"))

    assert str(given.sealing) not in shown
