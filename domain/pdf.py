"""PDF (ISO 32000): how it begins and ends, and that nothing in it acts by itself.

What acts is looked for by the names of it, anywhere in the file and in its object streams, as a
reader may be led to any byte. So a stream of objects that cannot be looked into is refused.
"""

import re
import zlib

from domain.reading import PIECE, Source, Steps, Unfit

MOST_INFLATED = 64 << 20  # of all object streams: some millions of objects
MOST_OBJECT_STREAMS = 10_000
DICTIONARY = 1024  # bytes: of an object stream, whose entries are few
ENDING = 1024  # bytes: %%EOF is in the last so many
_BEGINNING = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0) *[\r\n]")
_ENDING = re.compile(rb"%%EOF[\s\0]*\Z")


def _name(name: str) -> bytes:
    """As it may be written: each letter by itself, or as # and two hexadecimal digits."""
    return b"/" + b"".join(map(_letter, name))


def _letter(letter: str) -> bytes:
    """Each byte can be matched in one way alone, or what is searched would decide on the time."""
    digits = f"{ord(letter):x}"
    return f"(?:{letter}|#{digits[0]}[{digits[1]}{digits[1].upper()}])".encode()


_LONG = ("JavaScript", "Launch", "EmbeddedFile", "RichMedia", "SubmitForm", "ImportData")
_SHORT = ("GoToE", "GoToR", "XFA")  # with what follows a name, or chance would find them
_ACTING = re.compile(
    b"|".join(_name(name) for name in _LONG)
    + b"|(?:"
    + b"|".join(_name(name) for name in _SHORT)
    + rb")(?=[\s\0/\[(<>])"
)
_LONGEST = 3 * max(len(name) for name in _LONG) + 1
_OBJECT_STREAM = re.compile(_name("ObjStm"))
_STREAM = re.compile(rb">>\s*stream\r?\n")
_FILTER = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])\s*(?=[/>])")
_FILTERED = re.compile(rb"/F(?!irst)|Decode|/DP|[#%]")

_OPAQUE = "The PDF is protected or damaged; save it without a password."


def read(source: Source) -> Steps[None]:
    beginning = yield from source.take(16)
    if not _BEGINNING.match(beginning):
        raise Unfit("The PDF does not begin as one; save it anew.")
    acting, objects = _Acting(), _ObjectStreams()
    end = piece = beginning
    while piece:
        acting.look(piece)
        objects.look(piece)
        end = (end + piece)[-ENDING:]
        piece = yield from source.some()
    objects.end()
    if not _ENDING.search(end):
        raise Unfit("The PDF does not end with %%EOF, or something follows; save it anew.")


class _Acting:
    def __init__(self) -> None:
        self._kept = b""  # of what went before: a name may begin there

    def look(self, piece: bytes) -> None:
        seen = self._kept + piece
        if _ACTING.search(seen):
            raise Unfit("The PDF has scripts or files in it, or leads to others; print it anew.")
        self._kept = seen[-_LONGEST:]


class _ObjectStreams:
    """`left`: how much may still be inflated, of all."""

    def __init__(self) -> None:
        self._bytes = b""
        self._inflating: _Inflating | None = None
        self._count = 0
        self._left = MOST_INFLATED

    def look(self, piece: bytes) -> None:
        self._bytes += piece
        while self._inflate(self._inflating) if self._inflating else self._find():
            pass

    def end(self) -> None:
        if self._inflating or _OBJECT_STREAM.search(self._bytes):
            raise Unfit(_OPAQUE)

    def _find(self) -> bool:
        """The next one, whose content then comes first. False: it needs more."""
        name = _OBJECT_STREAM.search(self._bytes)
        if name is None:
            self._bytes = self._bytes[-DICTIONARY:]
            return False
        stream = _STREAM.search(self._bytes, name.end(), name.end() + DICTIONARY)
        if stream is None:
            if len(self._bytes) > name.end() + DICTIONARY:
                raise Unfit(_OPAQUE)
            self._bytes = self._bytes[max(0, name.start() - DICTIONARY) :]
            return False
        self._count += 1
        if self._count > MOST_OBJECT_STREAMS:
            raise Unfit("The PDF consists of too many parts; save it anew.")
        begins = max(self._bytes.rfind(b"obj", 0, name.start()), name.start() - DICTIONARY, 0)
        dictionary, filters = _FILTER.subn(b"", self._bytes[begins : stream.start() + 2])
        if filters > 1 or _FILTERED.search(dictionary):
            raise Unfit(_OPAQUE)
        self._bytes = self._bytes[stream.end() :]
        self._inflating = _Inflating() if filters else None
        return True

    def _inflate(self, stream: "_Inflating") -> bool:
        written, self._bytes = stream.look(self._bytes)
        self._left -= written
        if self._left < 0:
            raise Unfit("The PDF swells when it is opened; save it anew.")
        if stream.over:
            self._inflating = None
        return stream.over or bool(self._bytes) or written == PIECE


class _Inflating:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._acting = _Acting()

    @property
    def over(self) -> bool:
        return self._stream.eof

    def look(self, packed: bytes) -> tuple[int, bytes]:
        """How much it gave, and what is left of `packed`."""
        try:
            inflated = self._stream.decompress(packed, PIECE)
        except zlib.error as fault:
            raise Unfit(_OPAQUE) from fault
        self._acting.look(inflated)
        return len(inflated), self._stream.unused_data or self._stream.unconsumed_tail
