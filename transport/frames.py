"""Sockets below their messages: what uvicorn's WebSockets leave without a bound (RFC 6455).

A client who does not read gets no more of our pongs than one batch, a message does not come in more
pieces than anybody needs, and who does not take part in the closing is cut off. Who sends a fault,
or a close, before his handshake is answered is hung up on: uvicorn would answer all the same, which
the library that it stands on takes for a mistake of ours.
"""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

PIECES_MOST = 1024  # of one message; an empty piece takes memory, too, and is in no other bound
CUT_OFF_AFTER = 10.0  # seconds from the application's end


class BoundedWebSockets(WebSocketsSansIOProtocol):
    """For uvicorn's `ws`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pongs = b""

    def data_received(self, data: bytes) -> None:
        self.conn.receive_data(data)
        if self.conn.eof_sent and not self.handshake_complete:
            if self.conn.handshake_exc is not None:  # it cannot be read, and has its answer
                self.transport.write(b"".join(self.conn.data_to_send()))
            self._hang_up()
        elif self.conn.parser_exc is not None:
            self.handle_parser_exception()
        else:
            self.handle_events()

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:  # 5.5.3: of several pings it is enough to answer the latest
            self._pongs = b"".join(self.conn.data_to_send())

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._pongs and not self.close_sent and not self.transport.is_closing():
            pongs, self._pongs = self._pongs, b""
            self.transport.write(pongs)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < PIECES_MOST:
            super().handle_cont(event)
        elif not self.close_sent:
            self._fail(1009, "too many pieces")

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # for which uvicorn writes a traceback into the log
                self.frames = []
                self._fail(1007, "not UTF-8")
                return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self.disconnected = True  # so that what the application still sends is lost, and no fault

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        # A transport that is closed still waits for its buffer to be read.
        self.loop.call_later(CUT_OFF_AFTER, self.transport.abort)

    def _fail(self, code: int, reason: str) -> None:
        self.conn.fail(code, reason)
        if self.handshake_complete:
            self.handle_parser_exception()
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        """Before the handshake is answered; the application that is about to will find nobody."""
        self.handshake_complete = self.disconnected = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.transport.close()
