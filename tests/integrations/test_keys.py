"""The file of keys: made once, for its owner's eyes."""

import json
import stat

import pytest

from integrations import keys


def test_fresh_keys_are_three_that_never_serve_for_one_another(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)

    found = keys.load(path)

    assert (found.signing["kty"], found.signing["crv"]) == ("EC", "P-256")
    assert found.signing["kid"]
    assert found.signing["d"]
    assert len(found.sealing) == len(found.hashing) == 32
    assert found.sealing != found.hashing
    assert found == keys.load(path)


def test_nobody_but_the_owner_can_read_them(tmp_path):
    path = tmp_path / "keys.json"

    keys.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_keys_are_never_overwritten(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        keys.create(path)

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_no_two_files_have_a_key_in_common(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    keys.create(one)
    keys.create(other)

    first, second = keys.load(one), keys.load(other)

    assert first.sealing != second.sealing
    assert first.hashing != second.hashing
    assert first.signing["kid"] != second.signing["kid"]


def test_keys_are_not_shown(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)

    assert repr(keys.load(path)) == "Keys()"


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"signing": {}, "sealing": "x"})])
def test_what_is_no_such_file_is_not_taken(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)

    with pytest.raises((ValueError, KeyError, TypeError)):
        keys.load(path)
