"""DICOM files that are bombs, lead elsewhere, or are not what they should be."""

import struct

import pytest

from domain import dicom as reader
from tests import contents
from tests.contents import (
    DAMAGED,
    DICOM,
    data_set,
    dicom,
    element,
    endless,
    item,
    pdf,
    refusal,
    sequence,
    verdict,
)


def test_a_zip_bomb_in_a_dicom_is_refused():
    bomb = contents.deflated(data_set(pixels=bytes(100 << 20)))
    assert len(bomb) < 1 << 17

    assert "swells" in refusal(DICOM, dicom(bomb, contents.DEFLATED))


def test_a_dicom_that_swells_slowly_is_refused_beyond_what_is_bearable(monkeypatch):
    monkeypatch.setattr(reader, "MOST_INFLATED", 1 << 20)
    noise = bytes(i * i % 251 for i in range(1 << 16))
    slow = contents.deflated(data_set(pixels=noise * 20))

    assert "swells" in refusal(DICOM, dicom(slow, contents.DEFLATED))


def test_a_dicom_with_more_pixels_in_its_frames_than_anybody_has_room_for_is_refused():
    vast = data_set(rows=10_000, columns=10_000, frames=11)

    assert "too large" in refusal(DICOM, dicom(vast))


@pytest.mark.parametrize("syntax", ["1.2.3", "1.2.840.10008.1.2.4.94", ""])
def test_a_dicom_of_a_transfer_syntax_that_is_not_known_is_refused(syntax: str):
    assert "transfer syntax" in refusal(DICOM, dicom(syntax=syntax))


def test_a_dicom_that_holds_a_document_is_refused():
    hidden = data_set(pixels=None) + element((0x42, 0x11), "OB", bytes(1024) + pdf())

    assert "holds a document" in refusal(DICOM, dicom(hidden))
    assert "holds a document" in refusal(DICOM, dicom(sop_class=contents.PDF_CLASS))


@pytest.mark.parametrize(
    "content",
    [
        data_set() + element((0x28, 0x10), "US", b"\xff\xff"),  # not in order: the rows once more
        element((2, 0x12), "UI", b"1 ") + data_set(),  # Meta Information has ended
        data_set(element((8, 8), "cs", b"")),
        data_set(contents.SEQUENCE_END),
        data_set(contents.ITEM_END),
        data_set(sequence(element((8, 8), "CS", b"") + contents.SEQUENCE_END)),
        data_set(sequence(endless(b"") + contents.ITEM_END)),
        data_set(element((8, 8), "CS", b"", length=0)[:-2]),
        data_set(pixels=None) + sequence(contents.fragments(b"x"), "OB", (0x7FE0, 0x10)),
        data_set(frames=10**20),
    ],
)
def test_a_dicom_whose_elements_are_wrong_is_refused(content: bytes):
    said = refusal(DICOM, dicom(content))

    assert DAMAGED in said or "too early" in said


@pytest.mark.parametrize("change", [(-1, 0), (1, 0), (0, 0x0801)])
def test_a_dicom_whose_meta_information_is_wrong_is_refused(change: tuple[int, int]):
    longer, group = change
    rest = element((2 + group, 0x10), "UI", contents.uid(contents.EXPLICIT))
    length = element((2, 0), "UL", struct.pack("<I", len(rest) + longer))

    assert DAMAGED in refusal(DICOM, bytes(128) + b"DICM" + length + rest + data_set())


def test_a_dicom_that_is_too_deep_or_too_long_is_refused():
    assert "too deep" in refusal(
        DICOM, dicom(data_set((sequence(b"") + item(b"", contents.ENDLESS)) * 40))
    )
    numbers = range(1, 1 << 16)
    many = [element((group, n), "CS", b"") for group in (9, 11, 13, 15) for n in numbers]
    assert "too many elements" in str(verdict(DICOM, dicom(b"".join(many))))
