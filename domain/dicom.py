"""DICOM files as PS3.10 has them: an empty preamble, File Meta Information, and a data set.

The data set is walked, in whatever way it is encoded (PS3.5), to the very end of the file. What has
a length is passed over; what has none is walked as well.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from domain.reading import PIECE, Reading, Source, Steps, Unfit, require_dimensions, require_end

PREAMBLE, PREFIX = 128, b"DICM"
MOST_META = 1 << 14  # bytes: it has a dozen short elements
MOST_ELEMENTS = 200_000
DEEPEST = 16  # sequences within sequences
MOST_INFLATED, MOST_SWOLLEN = 256 << 20, 100  # in all, and times the size of what was deflated
_DAMAGED = "The DICOM file is damaged; export it anew."
_HOLDS_A_DOCUMENT = "The DICOM file holds a document; upload the document itself."

_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_META_LENGTH, _SOP_CLASS, _SYNTAX = 0x00020000, 0x00020002, 0x00020010
_FRAMES, _ROWS, _COLUMNS, _PIXELS = 0x00280008, 0x00280010, 0x00280011, 0x7FE00010
_DOCUMENT = 0x00420011
_DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."  # SOP classes: PDF, CDA and models within a DICOM


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a data set is written. `order` as in struct. `packed`: its pixels are, in pieces."""

    explicit: bool = True
    order: str = "<"
    packed: bool = False
    deflated: bool = False


_ROOT = "1.2.840.10008.1.2"
# JPEG, JPEG-LS, JPEG 2000, MPEG-2, MPEG-4, HEVC, JPEG XL, HTJ2K; and before them RLE. Those that
# lead to pixels elsewhere (JPIP, SMPTE) are left out.
_PACKED = [
    *(50, 51, 57, 70, 80, 81, 90, 91, 92, 93, 100, 101, 102, 103, 104, 105, 106, 107, 108),
    *(110, 111, 112, 201, 202, 203),
]
SYNTAXES = {
    _ROOT: Syntax(explicit=False),
    f"{_ROOT}.1": Syntax(),
    f"{_ROOT}.1.99": Syntax(deflated=True),
    f"{_ROOT}.2": Syntax(order=">"),
    f"{_ROOT}.5": Syntax(packed=True),
    **{f"{_ROOT}.4.{each}": Syntax(packed=True) for each in _PACKED},
}


class _Element(NamedTuple):
    tag: int
    kind: bytes
    length: int


class _Within(NamedTuple):
    """Something without a length, until the tag `end`."""

    end: int
    syntax: Syntax
    pixels: bool = False


def read(source: Source) -> Steps[None]:
    if any((yield from source.take(PREAMBLE))):
        raise Unfit("The preamble of the DICOM file is not empty; export it without.")
    if (yield from source.take(len(PREFIX))) != PREFIX:
        raise Unfit(_DAMAGED)
    syntax = yield from _meta(source)
    if syntax.deflated:
        yield from _inflated(source, syntax)
    else:
        yield from _DataSet(source, syntax).read()


def _meta(source: Source) -> Steps[Syntax]:
    """Always explicit and little endian; its first element says how long it is."""
    syntax = Syntax()
    first = yield from _element(source, syntax)
    if (first.tag, first.kind, first.length) != (_META_LENGTH, b"UL", 4):
        raise Unfit(_DAMAGED)
    length = int.from_bytes((yield from source.take(4)), "little")
    end, seen = source.at + length, {_META_LENGTH: b""}
    while source.at < end <= PREAMBLE + MOST_META:
        element = yield from _element(source, syntax)
        if (
            element.tag >> 16 != 2  # noqa: PLR2004  # the group of it
            or element.tag <= max(seen)
            or element.length > end - source.at
        ):
            raise Unfit(_DAMAGED)
        seen[element.tag] = yield from source.take(element.length)
    if source.at != end:
        raise Unfit(_DAMAGED)
    if _text(seen.get(_SOP_CLASS)).startswith(_DOCUMENTS):
        raise Unfit(_HOLDS_A_DOCUMENT)
    known = SYNTAXES.get(_text(seen.get(_SYNTAX)))
    if known is None:
        raise Unfit("The transfer syntax of the DICOM file is not known; export it in another.")
    return known


def _text(value: bytes | None) -> str:
    return (value or b"").rstrip(b"\0 ").decode("latin-1")


def _element(source: Source, syntax: Syntax) -> Steps[_Element]:
    """One, up to its value."""
    head = yield from source.take(8)
    group, number = struct.unpack(f"{syntax.order}HH", head[:4])
    tag = group << 16 | number
    if not syntax.explicit or group == _ITEM >> 16:
        return _Element(tag, b"", *struct.unpack(f"{syntax.order}I", head[4:]))
    kind = head[4:6]
    if not (kind.isalpha() and kind.isupper()):
        raise Unfit(_DAMAGED)
    if kind in _LONG:
        length = struct.unpack(f"{syntax.order}I", (yield from source.take(4)))
    else:
        length = struct.unpack(f"{syntax.order}H", head[6:])
    return _Element(tag, kind, *length)


class _DataSet:
    """`within`: what has no length and is not over, the innermost last."""

    def __init__(self, source: Source, syntax: Syntax) -> None:
        self._source, self._syntax = source, syntax
        self._within: list[_Within] = []
        self._last = 2 << 16 | 0xFFFF  # the last tag that File Meta Information could have
        self._numbers: dict[int, int] = {}
        self._has_pixels = False

    def read(self) -> Steps[None]:
        for _ in range(MOST_ELEMENTS):
            if not self._within and (yield from self._source.is_over()):
                return self._require_picture()
            inner = self._within[-1] if self._within else None
            element = yield from _element(self._source, inner.syntax if inner else self._syntax)
            if element.tag >> 16 == _ITEM >> 16:
                yield from self._delimited(element, inner)
            elif inner is None:
                yield from self._outermost(element)
            elif inner.end == _SEQUENCE_END:
                raise Unfit(_DAMAGED)  # items alone may be in one
            else:
                yield from self._passed(element, inner.syntax)
        raise Unfit("The DICOM file consists of too many elements; export it anew.")

    def _outermost(self, element: _Element) -> Steps[None]:
        """These are in order, so that none comes twice."""
        if element.tag <= self._last:
            raise Unfit(_DAMAGED)
        self._last = element.tag
        if element.tag == _DOCUMENT:
            raise Unfit(_HOLDS_A_DOCUMENT)
        if element.tag in (_ROWS, _COLUMNS, _FRAMES):
            self._numbers[element.tag] = yield from self._number(element)
            return
        self._has_pixels = self._has_pixels or element.tag == _PIXELS
        yield from self._passed(element, self._syntax)

    def _passed(self, element: _Element, syntax: Syntax) -> Steps[None]:
        if element.length != _UNDEFINED:
            yield from self._source.skip(element.length)
        elif len(self._within) >= 2 * DEEPEST:
            raise Unfit("The sequences of the DICOM file are too deep; export it anew.")
        elif element.tag == _PIXELS and syntax.packed and element.kind in (b"OB", b"OW"):
            self._within.append(_Within(_SEQUENCE_END, syntax, pixels=True))
        elif element.kind == b"UN":  # is implicit and little endian within (PS3.5, 6.2.2)
            self._within.append(_Within(_SEQUENCE_END, SYNTAXES[_ROOT]))
        elif element.kind in (b"SQ", b"") and element.tag != _PIXELS:
            self._within.append(_Within(_SEQUENCE_END, syntax))
        else:
            raise Unfit(_DAMAGED)

    def _delimited(self, element: _Element, inner: _Within | None) -> Steps[None]:
        """An item, or the end of one, or of a sequence."""
        if inner and element.tag == inner.end and not element.length:
            self._within.pop()
        elif not inner or element.tag != _ITEM or inner.end != _SEQUENCE_END:
            raise Unfit(_DAMAGED)
        elif element.length != _UNDEFINED:
            yield from self._source.skip(element.length)
        elif inner.pixels:
            raise Unfit(_DAMAGED)
        else:
            self._within.append(_Within(_ITEM_END, inner.syntax))

    def _number(self, element: _Element) -> Steps[int]:
        """Of a side in two bytes, or of frames in digits."""
        if element.length > 16:  # noqa: PLR2004  # bytes, more than such numbers need
            raise Unfit(_DAMAGED)
        value = yield from self._source.take(element.length)
        if element.tag != _FRAMES:
            return int.from_bytes(value, "little" if self._syntax.order == "<" else "big")
        digits = _text(value).strip()
        if not (digits.isascii() and digits.isdigit()):
            raise Unfit(_DAMAGED)
        return int(digits)

    def _require_picture(self) -> None:
        """Reports and plans have none."""
        if self._has_pixels or self._numbers:
            columns, rows = self._numbers.get(_COLUMNS, 0), self._numbers.get(_ROWS, 0)
            require_dimensions(columns, rows, self._numbers.get(_FRAMES, 1))


def _inflated(source: Source, syntax: Syntax) -> Steps[None]:
    """The whole data set is deflated, without a header (RFC 1951)."""
    inner = Reading(lambda inflated: _DataSet(inflated, syntax).read())
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = written = 0
    while not stream.eof:
        piece = yield from source.some()
        if not piece:
            raise Unfit("The file ends too early; upload the whole of it.")
        packed += len(piece)
        more = True
        while more:
            try:
                inflated = stream.decompress(piece, PIECE)
            except zlib.error as fault:
                raise Unfit(_DAMAGED) from fault
            written += len(inflated)
            if written > min(MOST_INFLATED, PIECE + MOST_SWOLLEN * packed):
                raise Unfit("The DICOM file swells when it is opened; export it without deflation.")
            inner.add(inflated)
            piece = stream.unconsumed_tail
            more = bool(piece) or len(inflated) == PIECE
    inner.end()
    if stream.unused_data.strip(b"\0"):
        raise Unfit(_DAMAGED)
    yield from require_end(source, "DICOM file")
