"""Frames of WebSockets (RFC 6455), without a network: what comes in, and what goes out.

A frame is read by the library `websockets`; what follows one another is ruled here. An idle client
costs nothing: nobody keeps an `Incoming` of which nothing is begun.
"""

import struct
from collections.abc import Generator
from functools import lru_cache

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Close as CloseBody
from websockets.frames import CloseCode, Frame, Opcode

PIECES_MOST = 1024  # of one message; an empty piece takes memory, too, and is in no other bound

_SHARED_MOST = 16_384  # bytes of a message that is kept for the next one to be told

_WHOLE_TEXT = 0x80 | Opcode.TEXT
_TINY, _SHORT = 126, 65_536  # sizes from which on a length takes two, and eight more bytes
_CONTROLS = frozenset({Opcode.CLOSE, Opcode.PING, Opcode.PONG})


class Fault(Exception):
    """What has come is not of RFC 6455, or too large: the connection fails with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Incoming:
    """What one client has sent and nobody has taken yet. `most`: bytes of a message."""

    __slots__ = ("_buffer", "_most", "_opcode", "_parser", "_pieces", "_size")

    def __init__(self, most: int) -> None:
        self._most = most
        self._buffer = bytearray()
        self._parser: Generator[None, None, Frame] | None = None  # in the midst of a frame
        self._pieces: list[bytes | bytearray] = []  # of a message whose end has not come
        self._opcode, self._size = Opcode.TEXT, 0

    @property
    def is_empty(self) -> bool:
        """All has been taken, and nothing is begun."""
        return self._parser is None and not self._buffer and not self._pieces

    def feed(self, content: bytes) -> None:
        self._buffer += content

    def next(self) -> Frame | None:
        """The next control frame, or message as a frame of its own: TEXT is UTF-8, CLOSE is well
        made. None: there is none yet. Raises Fault, and is of no use from then on.
        """
        try:
            while (frame := self._frame()) is not None:
                if (whole := self._join(frame)) is not None:
                    return whole
        except ProtocolError as error:
            raise Fault(CloseCode.PROTOCOL_ERROR, str(error)) from None
        except UnicodeDecodeError:
            raise Fault(CloseCode.INVALID_DATA, "not UTF-8") from None
        except PayloadTooBig:
            raise Fault(CloseCode.MESSAGE_TOO_BIG, "Message too large") from None
        return None

    def _frame(self) -> Frame | None:
        if self._parser is None:
            if not self._buffer:
                return None
            self._parser = Frame.parse(self._exactly, mask=True, max_size=self._most - self._size)
        try:
            next(self._parser)
        except StopIteration as done:
            self._parser = None
            frame: Frame = done.value
            return frame
        return None

    def _exactly(self, count: int) -> Generator[None, None, bytearray]:
        while len(self._buffer) < count:
            yield
        taken = self._buffer[:count]
        del self._buffer[:count]
        return taken

    def _join(self, frame: Frame) -> Frame | None:
        if frame.opcode in _CONTROLS:
            if frame.opcode is Opcode.CLOSE:
                CloseBody.parse(frame.data)
                if self._pieces:
                    raise ProtocolError("incomplete fragmented message")
            return frame
        if frame.opcode is Opcode.CONT:
            if not self._pieces:
                raise ProtocolError("unexpected continuation frame")
            if len(self._pieces) >= PIECES_MOST:
                raise Fault(CloseCode.MESSAGE_TOO_BIG, "too many pieces")
        elif self._pieces:
            raise ProtocolError("expected a continuation frame")
        else:
            self._opcode = frame.opcode
        self._pieces.append(frame.data)  # type: ignore[arg-type]  # what comes in is no memoryview
        self._size += len(frame.data)
        if not frame.fin:
            return None
        content = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        if self._opcode is Opcode.TEXT:
            content.decode()
        return Frame(self._opcode, content)


def text_frame(head: bytes, payload: bytes = b"", tail: bytes = b"") -> bytes:
    """A whole message of their UTF-8, not masked."""
    size = len(head) + len(payload) + len(tail)
    if size < _TINY:
        start = bytes((_WHOLE_TEXT, size))
    elif size < _SHORT:
        start = struct.pack("!BBH", _WHOLE_TEXT, 126, size)
    else:
        start = struct.pack("!BBQ", _WHOLE_TEXT, 127, size)
    return b"".join((start, head, payload, tail))


def shared_frame(head: bytes, payload: bytes, tail: bytes) -> bytes:
    """The same, for what many are told in a row: those whose ids are the same, too, are sent the
    very same bytes.
    """
    small = len(head) + len(payload) <= _SHARED_MOST
    return _shared(head, payload, tail) if small else text_frame(head, payload, tail)


_shared = lru_cache(maxsize=32)(text_frame)


def pong_frame(ping: Frame) -> bytes:
    return Frame(Opcode.PONG, ping.data).serialize(mask=False)


def close_frame(code: int, reason: str) -> bytes:
    """`reason`: of at most 123 bytes (5.5)."""
    return Frame(Opcode.CLOSE, CloseBody(code, reason).serialize()).serialize(mask=False)


def echo_of(close: Frame) -> bytes:
    return Frame(Opcode.CLOSE, close.data).serialize(mask=False)
