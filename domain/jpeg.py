"""JPEG as ITU-T T.81 has it: marker segments from SOI to EOI, and what cameras put behind.

Phones keep a second picture behind the first, a map of brightness or of depth (CIPA DC-007, MPF):
it is read as the first is. Nothing else may follow.
"""

import re
import struct

from domain.reading import Source, Steps, Unfit, require_dimensions

START = b"\xff\xd8"
MOST_SEGMENTS = 2_000  # a profile or a preview in full pieces of 64 KiB has 400 in 25 MiB
MOST_SCANS = 200  # progressive ones have ten or so; each costs whoever decodes it the whole picture
MOST_PICTURES = 4
_END, _SCAN, _COMMENT = 0xD9, 0xDA, 0xFE
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15
_SEGMENTS = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), _COMMENT}
# In what is coded, FF is followed by 00, or by a restart marker, or it begins a marker.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_NO_FILLING = re.compile(rb"[^\xff]")
_DAMAGED = "The JPEG is damaged; save it anew."


def read(source: Source) -> Steps[None]:
    for _ in range(MOST_PICTURES):
        if (yield from source.take(2)) != START:
            raise Unfit("Something follows the end of the JPEG; save it anew.")
        yield from _picture(source)
        if (yield from source.is_over()):
            return
    raise Unfit("The JPEG holds too many pictures; save it anew.")


def _picture(source: Source) -> Steps[None]:
    framed, scans = False, 0
    for _ in range(MOST_SEGMENTS):
        marker = yield from _marker(source)
        if marker == _END:
            if not scans:
                raise Unfit(_DAMAGED)
            return
        length = int.from_bytes((yield from source.take(2)), "big") - 2
        if length < 0:
            raise Unfit(_DAMAGED)
        if marker == _SCAN and framed:
            scans += 1
            if scans > MOST_SCANS:
                raise Unfit("The JPEG has too many scans; save it anew.")
            yield from source.skip(length)
            yield from source.find(_MARKER)
        elif marker in _FRAMES:
            _frame((yield from source.take(length)))
            framed = True
        elif marker in _SEGMENTS:
            yield from source.skip(length)
        else:
            raise Unfit(_DAMAGED)
    raise Unfit("The JPEG consists of too many parts; save it anew.")


def _marker(source: Source) -> Steps[int]:
    """Any number of FF may stand before one."""
    if (yield from source.take(1)) != b"\xff":
        raise Unfit(_DAMAGED)
    yield from source.find(_NO_FILLING)
    return (yield from source.take(1))[0]


def _frame(segment: bytes) -> None:
    if len(segment) < 6:  # noqa: PLR2004  # precision, two sides, components
        raise Unfit(_DAMAGED)
    _, height, width, _ = struct.unpack(">BHHB", segment[:6])
    require_dimensions(width, height)
