"""PNG as ISO/IEC 15948 has it: chunks with checksums, from IHDR to IEND and no further."""

import struct
import zlib

from domain.reading import PIECE, Source, Steps, Unfit, require_dimensions, require_end

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 20_000  # encoders that make small ones have some 3,000 in 25 MiB
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}  # by colour
_HEADER = struct.Struct(">IIBBBBB")
_DAMAGED = "The PNG is damaged; save it anew."


def read(source: Source) -> Steps[None]:
    if (yield from source.take(len(SIGNATURE))) != SIGNATURE:
        raise Unfit(_DAMAGED)
    kinds: list[bytes] = []
    while len(kinds) < MOST_CHUNKS:
        length, kind = struct.unpack(">I4s", (yield from source.take(8)))
        if not kind.isalpha() or (kind == b"IHDR") == bool(kinds):
            raise Unfit(_DAMAGED)
        if kind == b"IHDR":
            yield from _header(source, length)
        elif kind == b"acTL":
            raise Unfit("The PNG is animated; save it as a still picture.")
        else:
            yield from _chunk(source, kind, length)
        kinds.append(kind)
        if kind == b"IEND":
            if length or b"IDAT" not in kinds:
                raise Unfit(_DAMAGED)
            return (yield from require_end(source, "PNG"))
    raise Unfit("The PNG consists of too many parts; save it anew.")


def _header(source: Source, length: int) -> Steps[None]:
    if length != _HEADER.size:
        raise Unfit(_DAMAGED)
    header = yield from source.take(length)
    yield from _checksum(source, zlib.crc32(header, zlib.crc32(b"IHDR")))
    width, height, depth, colour, compression, filtering, interlacing = _HEADER.unpack(header)
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlacing > 1:
        raise Unfit(_DAMAGED)
    require_dimensions(width, height)


def _chunk(source: Source, kind: bytes, length: int) -> Steps[None]:
    crc = zlib.crc32(kind)
    while length:
        piece = yield from source.take(min(length, PIECE))
        crc = zlib.crc32(piece, crc)
        length -= len(piece)
    yield from _checksum(source, crc)


def _checksum(source: Source, crc: int) -> Steps[None]:
    if (yield from source.take(4)) != crc.to_bytes(4, "big"):
        raise Unfit(_DAMAGED)
