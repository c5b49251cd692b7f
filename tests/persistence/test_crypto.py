"""What is sealed opens in its place alone, and what is fingerprinted cannot be guessed."""

import hashlib
import math
import secrets
import time
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from persistence.crypto import DataKeySet, StaleKeys, UnknownKey, Vault, head

PLACE = "patient.cpf:01940000-0000-7000-8000-000000000000"


def keys(*numbers, **given):
    """Fresh ones; those that seal are of these numbers, and the last one is current."""
    numbers = numbers or (2,)
    fresh = {
        "sealing": {number: secrets.token_bytes(32) for number in numbers},
        "hashing": secrets.token_bytes(32),
        "current": numbers[-1],
    }
    return DataKeySet(**(fresh | given))


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
        with pytest.raises((InvalidTag, UnknownKey)):
            VAULT.open(bytes(changed), PLACE)


def test_with_bytes_missing_or_more_it_does_not_open():
    sealed = VAULT.seal("52998224725", PLACE)

    for wrong in (*(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(InvalidTag):
            VAULT.open(wrong, PLACE)


def test_with_another_key_it_does_not_open():
    with pytest.raises(InvalidTag):
        Vault(keys()).open(VAULT.seal("52998224725", PLACE), PLACE)


def test_the_current_key_seals_and_those_before_still_open():
    both = keys(2, 300)
    before = Vault(replace(both, sealing={2: both.sealing[2]}, current=2))
    vault = Vault(both)

    old, new = before.seal("52998224725", PLACE), vault.seal("52998224725", PLACE)

    assert [vault.open(old, PLACE), vault.open(new, PLACE)] == ["52998224725"] * 2
    assert (old[:3], new[:3]) == (head(2), head(300))
    with pytest.raises(UnknownKey, match="300"):
        before.open(new, PLACE)


def test_a_vault_goes_on_with_the_keys_it_is_handed_later():
    both = keys(2, 3)
    vault = Vault(replace(both, sealing={2: both.sealing[2]}, current=2))
    sealed = vault.seal("52998224725", PLACE)

    vault.hold(both, until=math.inf)

    assert vault.open(sealed, PLACE) == "52998224725"
    assert vault.seal("52998224725", PLACE).startswith(head(3))


def test_once_nobody_has_looked_for_long_it_opens_and_seals_no_more():
    given = keys()
    vault = Vault(given)
    sealed = vault.seal("52998224725", PLACE)

    vault.hold(given, until=time.monotonic() - 0.001)

    assert vault.open(sealed, PLACE) == "52998224725"
    with pytest.raises(StaleKeys):
        vault.seal("52998224725", PLACE)


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

    shown = repr(given) + repr(Vault(given)) + str(vars(Vault(given)).get("_cipher"))

    assert str(given.sealing[2]) not in shown
    assert str(given.hashing) not in shown
