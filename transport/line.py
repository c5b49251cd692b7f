"""The line to one client: a WebSocket on its transport, without a task and almost without memory.

What goes out is written at once while the transport takes it; whoever sends keeps the rest to
himself until it does again. What comes in is heard one message after the other, and the line is not
read while whoever hears it has enough, nor for ever while others wait for their turn.
"""

import asyncio
from typing import Any, Protocol, cast

from websockets.frames import Opcode

from transport.frames import Fault, Incoming, close_frame, echo_of, pong_frame

CUT_OFF_AFTER = 10.0  # seconds: for a client to answer our close frame
FRAMES_AT_ONCE = 256  # then it is others' turn
GOING = 1012  # RFC 6455, 7.4, as registered at IANA: service restart


class Ear(Protocol):
    """Who is at this end of a line. None of it waits."""

    def hear(self, text: str | None, /) -> None:
        """A message; None: a binary one."""
        ...

    def resumed(self) -> None:
        """The line takes something again."""
        ...

    def lost(self) -> None:
        """It is over, and not by our `close`. May be called again."""
        ...


class Line(asyncio.Protocol):
    """`known`: uvicorn's set of connections, which it asks to shut down. `most`: bytes of a
    message.
    """

    __slots__ = (
        "_closing",
        "_cut_off",
        "_ear",
        "_held",
        "_incoming",
        "_known",
        "_most",
        "_pong",
        "_seen_full",
        "transport",
        "writable",
    )

    def __init__(self, transport: asyncio.Transport, known: set[Any], *, most: int) -> None:
        self.transport, self._known, self._most = transport, known, most
        self._ear: Ear | None = None
        self._incoming: Incoming | None = None
        self._pong = b""  # that the transport has not taken yet
        self._held = self._closing = self._seen_full = False
        self._cut_off: asyncio.TimerHandle | None = None
        self.writable = True
        known.add(self)

    def lead_to(self, ear: Ear) -> None:
        """Before anything can have come."""
        self._ear = ear

    # ------------------------------------------------------------ out

    def send(self, frames: bytes) -> None:
        """One or more of them, whole. Only while it is writable."""
        self.transport.write(frames)

    def stuck(self) -> bool:
        """Whether it has not been writable since this was last asked."""
        seen, self._seen_full = self._seen_full, not self.writable
        return seen and not self.writable

    def close(self, code: int, reason: str, *, patience: float = CUT_OFF_AFTER) -> None:
        """Say so, and wait for the client to do the same. `patience`: for one who does not read."""
        if self._closing or self.transport.is_closing():
            return
        self.transport.write(close_frame(code, reason))
        self._part(CUT_OFF_AFTER if self.writable else min(patience, CUT_OFF_AFTER))
        self._held, self._ear = False, None
        self.transport.resume_reading()  # for the client's close frame

    def shutdown(self) -> None:
        """The last word of uvicorn."""
        ear = self._ear
        self.close(GOING, "")
        self.transport.close()
        if ear is not None:
            ear.lost()

    def _part(self, patience: float) -> None:
        self._closing, self.writable, self._pong = True, False, b""
        # A transport that is closed still waits for its buffer to be read.
        loop = asyncio.get_running_loop()
        self._cut_off = loop.call_later(patience, self.transport.abort)

    def pause_writing(self) -> None:
        self.writable = self._seen_full = False

    def resume_writing(self) -> None:
        if self._closing:
            return
        self.writable, self._seen_full = True, False
        self._send_pong()
        if self._ear is not None:
            self._ear.resumed()

    def _send_pong(self) -> None:
        if self._pong and self.writable:
            pong, self._pong = self._pong, b""
            self.transport.write(pong)

    # ------------------------------------------------------------ in

    def hold(self) -> None:
        """Hear nothing more for now; the client is not read any further."""
        self._held = True
        self.transport.pause_reading()

    def release(self) -> None:
        if self._held and not self._closing:
            self._held = False
            self._go_on()

    def data_received(self, content: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._incoming is None:
            self._incoming = Incoming(self._most)
        self._incoming.feed(content)
        self._read()

    def _go_on(self) -> None:
        if not self._held and not self.transport.is_closing():
            self.transport.resume_reading()
            self._read()

    def _read(self) -> None:
        """All that is whole, unless somebody has enough of it."""
        left = FRAMES_AT_ONCE
        try:
            while not self._held and self._incoming is not None:
                if not left:
                    self.transport.pause_reading()
                    asyncio.get_running_loop().call_soon(self._go_on)
                    break
                left -= 1
                if (frame := self._incoming.next()) is None:
                    if self._incoming.is_empty:
                        self._incoming = None
                    break
                if frame.opcode is Opcode.PING:  # 5.5.3: it is enough to answer the latest
                    self._pong = pong_frame(frame)
                elif frame.opcode is Opcode.CLOSE:
                    self._answer_close(echo_of(frame))
                elif frame.opcode is not Opcode.PONG and not self._closing:
                    self._hear(cast("bytes", frame.data), is_text=frame.opcode is Opcode.TEXT)
        except Fault as fault:
            self._answer_close(close_frame(fault.code, fault.reason))
        self._send_pong()

    def _hear(self, content: bytes, *, is_text: bool) -> None:
        if self._ear is not None:
            self._ear.hear(content.decode() if is_text else None)

    def _answer_close(self, answer: bytes) -> None:
        """He has said his last word, or one that he may not say: no more is read of him."""
        self._incoming = None
        if not self._closing:
            self.transport.write(answer)
            self._part(CUT_OFF_AFTER)
        self.transport.close()
        self._lose()

    def connection_lost(self, _: Exception | None) -> None:
        if self._cut_off is not None:
            self._cut_off.cancel()
        self._known.discard(self)
        self._closing, self.writable, self._incoming = True, False, None
        self._lose()

    def _lose(self) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.lost()
