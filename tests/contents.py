"""Small genuine files of each type, made here, what they are made of, and what is said of them."""

import struct
import zlib
from collections.abc import Sequence

from domain.content import ContentType, Inspection
from domain.errors import UnsupportedType

PDF, JPEG, PNG, DICOM = ContentType
PASSES = str(None)
DAMAGED = "is damaged"


def verdict(declared: ContentType, content: bytes, step: int = 1 << 16) -> UnsupportedType | None:
    inspection = Inspection(declared)
    for start in range(0, len(content), step):
        inspection.feed(content[start : start + step])
    return inspection.verdict()


def refusal(declared: ContentType, content: bytes) -> str:
    """The message of it: the same however the file is cut into pieces."""
    said = [str(verdict(declared, content, step)) for step in (1 << 20, 4096, 61)]
    if len(content) < 5_000:
        said.append(str(verdict(declared, content, 1)))
    assert len(set(said)) == 1, said
    return said[0]


# ------------------------------------------------------------------------- PNG

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def header(width: int = 2, height: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def png(*ancillary: bytes, width: int = 2, height: int = 2) -> bytes:
    """`ancillary`: whole chunks that stand before the pixels."""
    pixels = chunk(b"IDAT", zlib.compress(b"\0\1\2" * 2))
    return b"".join(
        [PNG_SIGNATURE, header(width, height), *ancillary, pixels, chunk(b"IEND")],
    )


# ------------------------------------------------------------------------ JPEG


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def frame(width: int = 2, height: int = 2, *, marker: int = 0xC0) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")


SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"  # stuffed; restarted
TABLES = segment(0xDB, bytes(65)) + segment(0xC4, bytes(20))
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def jpeg(*segments: bytes, framed: bytes = frame(), scans: int = 1) -> bytes:
    return b"".join([SOI, *segments, TABLES, framed, SCAN * scans, EOI])


# ------------------------------------------------------------------------- PDF


def pdf(*objects: bytes, version: str = "1.4", trailer: bytes = b"") -> bytes:
    """`objects`: between `obj` and `endobj`, numbered from 4 on."""
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>",
        *objects,
    ]
    content = bytearray(f"%PDF-{version}\n%\xe2\xe3\xcf\xd3\n".encode("latin-1"))
    places = []
    for number, each in enumerate(parts, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    return bytes(content) + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d /Root 1 0 R%s>>\n"
        b"startxref\n%d\n%%%%EOF\n"
    ) % (size, table, size, trailer, len(content))


def stream(content: bytes, *entries: bytes) -> bytes:
    dictionary = b"".join([b"<</Length %d" % len(content), *entries, b">>"])
    return dictionary + b"\nstream\n" + content + b"\nendstream"


OBJECT_STREAM, FLATE = b" /Type /ObjStm /N 1 /First 4", b" /Filter /FlateDecode"


def packed(*objects: bytes) -> bytes:
    """An object stream that holds them."""
    return stream(zlib.compress(b"5 0 " + b" ".join(objects)), OBJECT_STREAM, FLATE)


# ----------------------------------------------------------------------- DICOM

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
CT, PDF_CLASS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.104.1"
LONG = ("OB", "OW", "SQ", "UN", "UT")
ENDLESS = 0xFFFFFFFF
Tag = tuple[int, int]


def element(
    tag: Tag, kind: str, value: bytes, *, syntax: str = EXPLICIT, length: int | None = None
) -> bytes:
    size = len(value) if length is None else length
    order = ">" if syntax == BIG_ENDIAN else "<"
    if syntax == IMPLICIT:
        return struct.pack("<HHI", *tag, size) + value
    if kind in LONG:
        return struct.pack(f"{order}HH2sHI", *tag, kind.encode(), 0, size) + value
    return struct.pack(f"{order}HH2sH", *tag, kind.encode(), size) + value


def uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def meta(syntax: str = EXPLICIT, sop_class: str = CT) -> bytes:
    rest = (
        element((2, 1), "OB", b"\0\1")
        + element((2, 2), "UI", uid(sop_class))
        + element((2, 0x10), "UI", uid(syntax))
    )
    return bytes(128) + b"DICM" + element((2, 0), "UL", struct.pack("<I", len(rest))) + rest


def item(content: bytes, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return struct.pack("<HHI", 0xFFFE, 0xE000, size) + content


ITEM_END, SEQUENCE_END = (
    struct.pack("<HHI", 0xFFFE, 0xE00D, 0),
    struct.pack("<HHI", 0xFFFE, 0xE0DD, 0),
)


def fragments(*contents: bytes) -> bytes:
    return b"".join(map(item, (b"", *contents))) + SEQUENCE_END


def sequence(content: bytes, kind: str = "SQ", tag: tuple[int, int] = (8, 0x1140)) -> bytes:
    return element(tag, kind, content, length=ENDLESS)


def endless(content: bytes) -> bytes:
    return item(content, ENDLESS) + ITEM_END


def data_set(
    *first: bytes,
    rows: int = 2,
    columns: int = 2,
    frames: int | None = None,
    pixels: bytes | None = bytes(8),
    syntax: str = EXPLICIT,
) -> bytes:
    """`first`: elements whose group is before 0028. Of no `pixels` at all, if None."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    said = (
        b"" if frames is None else f"{frames} "[: len(str(frames)) + len(str(frames)) % 2].encode()
    )
    parts: Sequence[bytes] = [
        *first,
        element((0x28, 8), "IS", said, syntax=syntax) if said else b"",
        element((0x28, 0x10), "US", struct.pack(f"{order}H", rows), syntax=syntax),
        element((0x28, 0x11), "US", struct.pack(f"{order}H", columns), syntax=syntax),
        element((0x7FE0, 0x10), "OW", pixels, syntax=syntax) if pixels is not None else b"",
    ]
    return b"".join(parts)


def dicom(content: bytes | None = None, syntax: str = EXPLICIT, sop_class: str = CT) -> bytes:
    """`content`: the data set, as it is written in the file."""
    return meta(syntax, sop_class) + (data_set(syntax=syntax) if content is None else content)


def deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


# ------------------------------------------------------------------------- ZIP


def archive(before: int = 0) -> bytes:
    """A ZIP of one empty file `a`, to stand behind so many bytes."""
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    central = (
        b"PK\1\2"
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, before)
        + b"a"
    )
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), before + len(local), 0)
    return local + central + b"PK\5\6" + end
