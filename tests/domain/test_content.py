"""Which files are what they are said to be, and which are something else, or more."""

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.content import ContentType, Inspection
from tests import contents
from tests.contents import (
    DAMAGED,
    DICOM,
    JPEG,
    PASSES,
    PDF,
    PNG,
    SEQUENCE_END,
    chunk,
    data_set,
    dicom,
    element,
    endless,
    frame,
    item,
    jpeg,
    pdf,
    png,
    refusal,
    segment,
    sequence,
    verdict,
)

GENUINE = {PDF: pdf(), JPEG: jpeg(), PNG: png(), DICOM: dicom()}
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


OTHER_END = "follows the end of the"


# ----------------------------------------------------------------------- genuine

_NESTED = sequence(endless(sequence(item(b"12345678")) + SEQUENCE_END) * 2)
_UNKNOWN = sequence(
    endless(element((8, 0x100), "", b"CODE", syntax=contents.IMPLICIT)) + SEQUENCE_END,
    "UN",
    (9, 0x1010),
)


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        pytest.param(PDF, pdf(), id="PDF"),
        pytest.param(PDF, pdf(version="2.0"), id="PDF 2.0"),
        pytest.param(PDF, pdf(contents.packed(b"<</A 1>>")), id="PDF with packed objects"),
        pytest.param(
            PDF,
            pdf(contents.stream(b"5 0 <</A 1>>", contents.OBJECT_STREAM)),
            id="PDF with objects in a plain stream",
        ),
        pytest.param(
            PDF,
            pdf(contents.stream(zlib.compress(bytes(10**6)), contents.FLATE)),
            id="PDF whose picture is smaller than what it shows",
        ),
        pytest.param(
            PDF,
            pdf(
                b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached"
                b" /ByteRange [0 9 99 9] /Contents <" + b"30820a" * 4000 + b">>>",
                b"<</Type /Annot /A <</S /URI /URI (https://validar.iti.gov.br)>>>>",
                trailer=b" /AcroForm <</SigFlags 3>>",
            ),
            id="PDF with a signature and a link",
        ),
        pytest.param(
            PDF, pdf() + b"4 0 obj\n<</B 2>>\nendobj\nstartxref\n9\n%%EOF\r\n", id="PDF added to"
        ),
        pytest.param(
            PDF,
            b"%PDF-1.6\r%\xe2\xe3\n1 0 obj\n<</Linearized 1 /L 99>>\nendobj\nstartxref\n0\n%%EOF\n"
            + pdf(contents.packed(b"<</A 1>>"))[9:]
            + b" \r\n",
            id="PDF linearized",
        ),
        pytest.param(PDF, pdf(trailer=b" /Encrypt 9 0 R"), id="PDF with a password"),
        pytest.param(JPEG, jpeg(), id="JPEG"),
        pytest.param(JPEG, jpeg(framed=frame(marker=0xC2), scans=10), id="JPEG progressive"),
        pytest.param(
            JPEG,
            jpeg(segment(0xE1, b"Exif\0\0II*\0" + jpeg()), segment(0xFE, b"by a camera")),
            id="JPEG with Exif, a preview and a comment",
        ),
        pytest.param(JPEG, jpeg(b"\xff\xff" + segment(0xE0, b"JFIF\0")), id="JPEG filled with FF"),
        pytest.param(JPEG, jpeg() + jpeg(), id="JPEG with a map of brightness behind"),
        pytest.param(JPEG, jpeg(framed=frame(12_000, 8_000)), id="JPEG of 96 megapixels"),
        pytest.param(PNG, png(), id="PNG"),
        pytest.param(
            PNG,
            png(
                chunk(b"gAMA", b"\0\0\xb1\x8f"), chunk(b"tEXt", b"Title\0x"), chunk(b"eXIf", b"II")
            ),
            id="PNG with more about it",
        ),
        pytest.param(PNG, png(chunk(b"iCCP", bytes(300_000))), id="PNG with a long chunk"),
        pytest.param(DICOM, dicom(), id="DICOM"),
        pytest.param(DICOM, dicom(syntax=contents.IMPLICIT), id="DICOM implicit"),
        pytest.param(DICOM, dicom(syntax=contents.BIG_ENDIAN), id="DICOM big endian"),
        pytest.param(DICOM, dicom(data_set(frames=120)), id="DICOM with many frames"),
        pytest.param(DICOM, dicom(data_set(pixels=None)[:0]), id="DICOM without a picture"),
        pytest.param(DICOM, dicom(data_set(_NESTED + SEQUENCE_END)), id="DICOM with sequences"),
        pytest.param(DICOM, dicom(data_set(_UNKNOWN)), id="DICOM with an unknown sequence"),
        pytest.param(
            DICOM,
            dicom(contents.deflated(data_set()), contents.DEFLATED),
            id="DICOM deflated",
        ),
        pytest.param(
            DICOM,
            dicom(
                data_set(pixels=None)
                + sequence(contents.fragments(jpeg(), jpeg()), "OB", (0x7FE0, 0x10)),
                contents.JPEG_BASELINE,
            ),
            id="DICOM with JPEG",
        ),
    ],
)
def test_what_cameras_clinics_and_modalities_make_is_taken(declared: ContentType, content: bytes):
    assert refusal(declared, content) == PASSES


# ------------------------------------------------------------- of another type


@pytest.mark.parametrize("declared", ContentType)
@pytest.mark.parametrize("actual", ContentType)
def test_the_first_bytes_tell_the_type_and_not_what_was_announced(
    declared: ContentType, actual: ContentType
):
    said = refusal(declared, GENUINE[actual])

    assert said == (
        PASSES
        if declared == actual
        else f"The file is {actual.name} and not {declared.name}; announce it as that."
    )


@pytest.mark.parametrize("declared", ContentType)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HTML, id="HTML"),
        pytest.param(SVG, id="SVG"),
        pytest.param(b'<?xml version="1.0"?>' + SVG, id="SVG with a prolog"),
        pytest.param(contents.archive(), id="ZIP"),
        pytest.param(b"MZ" + bytes(200), id="Windows program"),
        pytest.param(b"\x7fELF" + bytes(200), id="Linux program"),
        pytest.param(b"GIF89a" + bytes(200), id="GIF"),
        pytest.param(b"\xff\xd8", id="two bytes"),
        pytest.param(b"\n" + png(), id="PNG behind a line"),
        pytest.param(b"junk\n" + pdf(), id="PDF behind a line"),
        pytest.param(bytes(132), id="zeros"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_none_of_the_four_is_refused_whatever_was_announced(
    declared: ContentType, content: bytes
):
    problem = verdict(declared, content)

    assert str(problem) == "The file is none of: PDF, JPEG, PNG, DICOM."
    assert (problem.code, problem.path) == ("UNSUPPORTED_TYPE", ("documentId",))


# --------------------------------------------------------- two things at once


@pytest.mark.parametrize("page", [HTML, SVG, b"<HTML>", b"<svg:svg "])
@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        (PDF, b"%PDF-1.4\n", pdf()[9:]),
        (JPEG, *jpeg(segment(0xFE, b"|")).split(b"|")),
        (PNG, png()[:33], png()[33:]),
    ],
)
def test_what_begins_with_a_page_as_well_is_refused(declared, before, after, page):
    hidden = {PDF: page + b"\n", JPEG: page, PNG: chunk(b"tEXt", b"Title\0" + page)}[declared]

    assert "a web page as well" in refusal(declared, before + hidden + after)


@pytest.mark.parametrize("declared", ContentType)
def test_a_zip_behind_is_refused(declared: ContentType):
    genuine = GENUINE[declared]
    both = genuine + contents.archive(len(genuine))
    assert zipfile.ZipFile(io.BytesIO(both)).namelist() == ["a"]  # it is one

    assert "a ZIP archive as well" in refusal(declared, both)


@pytest.mark.parametrize("long", [0, 60_000])
def test_a_zip_within_is_refused_whose_comment_is_the_rest(long: int):
    """Nothing is wrong with the PNG itself."""
    pixels = png()[33:]
    before = len(png()) - len(pixels) + 8
    hidden = contents.archive(before)[:-2]
    rest = bytes(long)
    comment = len(rest) + 4 + len(pixels)
    text = chunk(b"zzAp", hidden + struct.pack("<H", comment) + rest)
    both = png()[:33] + text + pixels
    assert zipfile.ZipFile(io.BytesIO(both)).namelist() == ["a"]

    assert "a ZIP archive as well" in refusal(PNG, both)


def test_four_bytes_of_chance_make_no_zip():
    assert refusal(PNG, png(chunk(b"zzAp", b"PK\5\6" + bytes(18)))) == PASSES
    assert refusal(PNG, png(chunk(b"zzAp", b"PK\1\2" + bytes(50)))) == PASSES


@pytest.mark.parametrize("declared", [JPEG, PNG])
def test_a_picture_that_readers_of_pdf_open_is_refused(declared: ContentType):
    hidden = {
        JPEG: jpeg(segment(0xFE, pdf())),
        PNG: png(chunk(b"tEXt", b"Title\0" + pdf())),
    }[declared]

    assert "a PDF as well" in refusal(declared, hidden)


@pytest.mark.parametrize(
    "preamble",
    [b"MZ", b"\x7fELF", b"%PDF-1.4\n", b"II*\0", b"#!/bin/sh\n", b"PK\3\4", bytes(127) + b"x"],
)
def test_a_dicom_whose_preamble_is_something_else_is_refused(preamble: bytes):
    both = preamble.ljust(128, b"\0") + dicom()[128:]

    said = refusal(DICOM, both)

    assert "preamble" in said or "is PDF and not DICOM" in said or "a PDF as well" in said


def test_a_page_in_the_preamble_is_refused():
    assert "a web page as well" in refusal(DICOM, HTML.ljust(128, b"\0") + dicom()[128:])


@pytest.mark.parametrize(
    "behind", [b"\0x", b" " * 1024 + HTML, b"Rar!\x1a\7\0", b"MZ" + bytes(99), png()]
)
@pytest.mark.parametrize("declared", ContentType)
def test_whatever_follows_the_end_is_refused(declared: ContentType, behind: bytes):
    said = refusal(declared, GENUINE[declared] + behind)

    assert any(each in said for each in (OTHER_END, "something follows", DAMAGED, "too early"))


@pytest.mark.parametrize("declared", ContentType)
def test_a_file_that_ends_early_is_refused(declared: ContentType):
    genuine = GENUINE[declared]
    ends = {len(genuine) - 1, len(genuine) - 9, len(genuine) // 2, 140}
    if declared is PDF:
        ends = {end - 8 for end in ends}  # %%EOF alone would do

    for end in ends:
        if end < len(genuine):
            assert refusal(declared, genuine[:end]) != PASSES, end


# ------------------------------------------------------------------ PNG and JPEG


def test_a_png_of_100_000_by_100_000_pixels_is_refused():
    assert "too large" in refusal(PNG, png(width=100_000, height=100_000))


@pytest.mark.parametrize("sides", [(20_001, 1), (1, 20_001), (20_000, 5_001)])
def test_a_picture_beyond_the_bounds_is_refused(sides: tuple[int, int]):
    width, height = sides

    assert "too large" in refusal(PNG, png(width=width, height=height))
    assert "too large" in refusal(JPEG, jpeg(framed=frame(width, height)))
    assert "too large" in refusal(JPEG, jpeg() + jpeg(framed=frame(width, height)))
    if max(sides) < 1 << 16:
        assert "too large" in refusal(DICOM, dicom(data_set(rows=height, columns=width)))


def test_a_picture_of_no_size_is_refused():
    for sides in ((0, 2), (2, 0)):
        assert "no width" in refusal(PNG, png(width=sides[0], height=sides[1]))
        assert "no width" in refusal(JPEG, jpeg(framed=frame(*sides)))


@pytest.mark.parametrize(
    "content",
    [
        png(chunk(b"tEXt", b"a")).replace(b"tEXta", b"tEXtb"),  # its checksum is another then
        png()[:8] + chunk(b"tEXt", b"x") + png()[8:],  # IHDR comes first
        png(contents.header()),  # and once
        png(chunk(b"ID\0T", b"")),
        png(chunk(b"IEND")),
        contents.PNG_SIGNATURE + contents.header() + chunk(b"IEND"),  # no pixels
        png()[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 3, 0, 0, 0, 0)) + png()[33:],
    ],
)
def test_a_png_whose_chunks_are_wrong_is_refused(content: bytes):
    assert DAMAGED in refusal(PNG, content) or OTHER_END in refusal(PNG, content)


def test_a_png_that_moves_or_is_in_a_thousand_pieces_is_refused():
    assert "animated" in refusal(PNG, png(chunk(b"acTL", bytes(8))))
    assert "too many parts" in refusal(PNG, png(chunk(b"tEXt") * 20_000))


@pytest.mark.parametrize(
    "content",
    [
        jpeg(framed=b""),  # a scan without a frame
        contents.SOI + frame() + contents.EOI,  # no scan
        jpeg(b"\xff\x01"),
        jpeg(b"\xff\xe0\0\1"),
        jpeg(segment(0xE0, b"JFIF\0"), b"junk"),
        jpeg(contents.SOI),
        jpeg(framed=segment(0xC0, b"\x08\0")),
    ],
)
def test_a_jpeg_whose_segments_are_wrong_is_refused(content: bytes):
    assert DAMAGED in refusal(JPEG, content)


def test_a_jpeg_that_costs_its_reader_too_much_is_refused():
    assert "too many scans" in refusal(JPEG, jpeg(scans=201))
    assert "too many parts" in refusal(JPEG, jpeg(segment(0xFE, b"") * 2_000))
    assert "too many pictures" in refusal(JPEG, jpeg() * 5)


# --------------------------------------------------------------- whatever it is


@settings(max_examples=400)
@given(
    declared=st.sampled_from(ContentType),
    places=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=6)), max_size=6),
    cut=st.integers(0, 2000),
    step=st.integers(1, 300),
)
def test_a_file_that_is_changed_is_taken_or_refused_and_nothing_else(declared, places, cut, step):
    content = bytearray(GENUINE[declared])
    for place, written in places:
        content[place : place + len(written)] = written
    content = content[: len(content) - cut % 50]

    problem = verdict(declared, bytes(content), step)

    assert problem is None or problem.code == "UNSUPPORTED_TYPE"


_ALL = 25 << 20
_LONG_ONES = {
    "elements": (DICOM, lambda: dicom(b"") + b"\x09\0\x10\0CS\0\0" * (_ALL // 8)),
    "items": (DICOM, lambda: dicom(sequence(item(b"") * (_ALL // 8)))),
    "segments": (JPEG, lambda: contents.SOI + segment(0xFE, b"") * (_ALL // 4)),
    "FF": (JPEG, lambda: contents.SOI + b"\xff" * _ALL),
    "scan of FF": (JPEG, lambda: jpeg()[:-2] + b"\xff" * _ALL),
    "restarts": (JPEG, lambda: jpeg()[:-2] + b"\xff\xd0" * (_ALL // 2)),
    "chunks": (PNG, lambda: png()[:33] + chunk(b"tEXt") * (_ALL // 12)),
    "names": (PDF, lambda: pdf()[:9] + b"/JavaScrip " * (_ALL // 11)),
    "digits": (PDF, lambda: pdf()[:9] + b"/#4a#61#76#61#53#63#72#69#70#7" * (_ALL // 30)),
    "brackets": (PDF, lambda: pdf()[:9] + b"/ObjStm" + b">> " * (_ALL // 3)),
    "blanks": (PDF, lambda: pdf()[:9] + (b"/ObjStm>>" + b" " * 1000) * (_ALL // 1009)),
    "object streams": (PDF, lambda: pdf(*[contents.stream(b"", contents.OBJECT_STREAM)] * 300_000)),
    "endings": (PDF, lambda: pdf()[:9] + b"%%EOF " * (_ALL // 6)),
}


@pytest.mark.parametrize("name", _LONG_ONES)
def test_nothing_that_is_as_large_as_may_be_takes_long(name: str):
    declared, made = _LONG_ONES[name]
    content = made()
    inspection, longest = Inspection(declared), 0.0
    began = time.process_time()
    for start in range(0, len(content), 1 << 16):
        before = time.process_time()
        inspection.feed(content[start : start + (1 << 16)])
        longest = max(longest, time.process_time() - before)
    inspection.verdict()

    assert time.process_time() - began < 5
    assert longest < 0.5  # nobody else is served meanwhile
