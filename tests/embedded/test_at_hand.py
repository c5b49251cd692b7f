"""What commands work on; what they cannot, they say in a sentence."""

from pathlib import Path

import pytest

from embedded import at_hand
from embedded.folder import Folder
from integrations import keys
from integrations.key_wrapping import FileWrapping
from integrations.kms import KmsWrapping


def test_keys_are_those_of_the_folder_unless_the_environment_names_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = at_hand.parser("", "").parse_args(["--data", str(tmp_path)]).data

    assert at_hand.keys_file(folder) == tmp_path / "keys.json"
    monkeypatch.setenv("HEALTHMED_KEYS_FILE", str(tmp_path / "others.json"))
    assert at_hand.keys_file(folder) == tmp_path / "others.json"


def test_the_file_wraps_unless_the_environment_names_a_key_of_kms(tmp_path: Path):
    keys.create(file := Folder(tmp_path).keys)

    assert isinstance(at_hand.wrapping(file, {}), FileWrapping)
    assert isinstance(at_hand.wrapping(file, {at_hand.KMS_KEY: "alias/healthmed"}), KmsWrapping)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{}", "is no file of keys"),
        ('{"sealing": "AAAA"}', "is of a version before data keys"),
        (
            '{"signing": {"next": {}, "current": {}, "previous": null}, "wrapping": []}',
            "HEALTHMED_KMS_KEY_ID is missing",
        ),
    ],
    ids=["none", "no such file", "of a version before", "of a server with KMS"],
)
def test_keys_that_cannot_be_used_end_the_program(
    tmp_path: Path, content: str | None, complaint: str
):
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SystemExit, match=complaint):
        at_hand.wrapping(file, {})
