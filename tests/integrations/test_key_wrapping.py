"""Data keys are wrapped by a file's key or by one of KMS, and unwrap for their purpose alone."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from domain.keys import CannotUnwrap, KeyWrapping
from integrations import key_wrapping, keys
from integrations.key_wrapping import FileWrapping, NothingWraps
from integrations.kms import KmsWrapping
from tests.kms import kms, make_key

__all__ = ["kms"]

KEY = secrets.token_bytes(32)
FOR = "healthmed sealing key 2"
Maker = Callable[[], Awaitable[KeyWrapping]]


@pytest.fixture(params=["file", "kms"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """Makes one by a key of its own, each time."""
    if request.param == "kms":
        request.getfixturevalue("kms")

    async def make() -> KeyWrapping:
        if request.param == "kms":
            return key_wrapping.chosen(tmp_path / "none", await make_key())
        path = tmp_path / secrets.token_hex(4)
        keys.create(path)
        return key_wrapping.chosen(path, None)

    return make


async def test_what_is_wrapped_unwraps_and_shows_nothing(another: Maker):
    wrapping = await another()

    wrapped = [await wrapping.wrap(KEY, FOR) for _ in range(2)]

    assert [await wrapping.unwrap(each, FOR) for each in wrapped] == [KEY, KEY]
    assert wrapped[0] != wrapped[1]
    assert not any(KEY in each for each in wrapped)


async def test_for_another_purpose_it_does_not_unwrap(another: Maker):
    wrapping = await another()
    wrapped = await wrapping.wrap(KEY, FOR)

    for purpose in ("healthmed hashing key 2", "healthmed sealing key 22", ""):
        with pytest.raises(CannotUnwrap):
            await wrapping.unwrap(wrapped, purpose)


async def test_what_was_changed_does_not_unwrap(another: Maker):
    wrapping = await another()
    wrapped = await wrapping.wrap(KEY, FOR)

    for wrong in (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), wrapped[:20], b"x"):
        with pytest.raises(CannotUnwrap):
            await wrapping.unwrap(wrong, FOR)


async def test_by_another_key_it_does_not_unwrap(another: Maker):
    wrapped = await (await another()).wrap(KEY, FOR)
    other = await another()

    with pytest.raises((CannotUnwrap, ClientError)):  # where KMS says so, moto denies access
        await other.unwrap(wrapped, FOR)


@pytest.mark.usefixtures("kms")
async def test_a_kms_that_is_not_there_is_no_key_that_does_not_fit(monkeypatch: pytest.MonkeyPatch):
    key_id = await make_key()
    wrapped = await KmsWrapping(key_id).wrap(KEY, FOR)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")

    with pytest.raises(EndpointConnectionError):
        await KmsWrapping(key_id).unwrap(wrapped, FOR)


async def test_a_file_whose_key_is_being_replaced_unwraps_what_both_have_wrapped(tmp_path: Path):
    path = tmp_path / "keys.json"
    keys.create(path)
    wrapping = FileWrapping(path)
    before = await wrapping.wrap(KEY, FOR)

    keys.begin_rewrap(path)
    after = await wrapping.wrap(KEY, FOR)
    assert [await wrapping.unwrap(each, FOR) for each in (before, after)] == [KEY, KEY]
    keys.end_rewrap(path)

    assert await wrapping.unwrap(after, FOR) == KEY
    with pytest.raises(CannotUnwrap):
        await wrapping.unwrap(before, FOR)


def test_without_a_key_of_kms_the_file_must_have_one(tmp_path: Path):
    path = tmp_path / "keys.json"
    keys.create(path, wraps=False)

    with pytest.raises(NothingWraps, match="no key of KMS"):
        key_wrapping.chosen(path, None)
    with pytest.raises(NothingWraps):
        key_wrapping.chosen(path, "")
    assert isinstance(key_wrapping.chosen(path, "alias/healthmed"), KmsWrapping)
