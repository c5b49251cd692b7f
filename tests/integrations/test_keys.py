"""The file of keys: made once, for its owner's eyes."""

import json
import stat
from datetime import timedelta

import pytest

from embedded import rotate
from integrations import keys
from tests.make import NOW

TEN_MINUTES = timedelta(minutes=10)


def test_fresh_keys_are_two_that_never_serve_for_one_another(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)

    found = keys.load(path)

    signing = found.signing
    assert signing.previous is None
    for key in (signing.current, signing.next):
        assert (key["kty"], key["crv"]) == ("EC", "P-256")
        assert key["kid"]
        assert key["d"]
    assert signing.current["kid"] != signing.next["kid"]
    assert [len(key) for key in found.wrapping] == [32]
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

    assert first.wrapping != second.wrapping
    assert first.signing.current["kid"] != second.signing.current["kid"]


def test_keys_are_not_shown(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)

    assert repr(keys.load(path)) == "Keys()"


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"signing": {}, "wrapping": []})])
def test_what_is_no_such_file_is_not_taken(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)

    with pytest.raises((ValueError, KeyError, TypeError)):
        keys.load(path)


def test_a_file_of_a_version_before_data_keys_says_so(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"signing": {}, "sealing": "AAAA", "hashing": "AAAA"}))

    with pytest.raises(keys.Outdated, match="before data keys"):
        keys.load(path)


def test_where_kms_wraps_there_is_no_key_for_that(tmp_path):
    path = tmp_path / "keys.json"

    keys.create(path, wraps=False)

    assert keys.load(path).wrapping == ()


def test_a_rewrap_brings_a_key_in_front_once_and_then_leaves_it_alone(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)
    before = keys.load(path)

    keys.begin_rewrap(path)
    keys.begin_rewrap(path)  # once more, after it was killed
    meanwhile = keys.load(path)
    keys.end_rewrap(path)

    assert meanwhile.wrapping[1:] == before.wrapping
    assert keys.load(path).wrapping == meanwhile.wrapping[:1]
    assert keys.load(path).signing == before.signing
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_a_rotation_moves_the_signing_keys_on_by_one_and_leaves_the_others(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)
    before = keys.load(path)

    keys.rotate(path, at=NOW, tokens_last=TEN_MINUTES)

    after = keys.load(path)
    assert after.signing.previous == before.signing.current
    assert after.signing.current == before.signing.next
    assert len({key["kid"] for key in after.signing.all()}) == 3
    assert after.wrapping == before.wrapping
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_the_next_rotation_waits_until_no_token_of_the_key_before_can_be_good(tmp_path):
    path = tmp_path / "keys.json"
    keys.create(path)
    keys.rotate(path, at=NOW, tokens_last=TEN_MINUTES)
    before = path.read_bytes()

    with pytest.raises(keys.TooSoon):
        keys.rotate(path, at=NOW + timedelta(minutes=19), tokens_last=TEN_MINUTES)
    assert path.read_bytes() == before

    keys.rotate(path, at=NOW + timedelta(minutes=20), tokens_last=TEN_MINUTES)
    assert path.read_bytes() != before


def test_the_command_says_what_it_has_done_or_why_not(tmp_path, capsys):
    path = tmp_path / "keys.json"
    keys.create(path)

    rotate.main(["--file", str(path)])
    assert "has a new key" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="less than 20 minutes ago"):
        rotate.main(["--file", str(path)])
    with pytest.raises(SystemExit, match="No such file"):
        rotate.main(["--file", str(tmp_path / "none")])
    path.write_text("{}")
    with pytest.raises(SystemExit, match="no file of keys"):
        rotate.main(["--file", str(path)])
