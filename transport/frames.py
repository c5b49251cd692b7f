"""Sockets below their messages: what uvicorn's WebSockets leave without a bound (RFC 6455).

A client who does not read gets no more of our pongs than one batch, a message does not come in more
pieces than anybody needs, and who does not take part in the closing is cut off. What it cannot read
is answered and ended, at any time of the handshake.
"""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

PIECES_MOST = 1024  # of one message; an empty piece takes memory, too, and is in no other bound
CUT_OFF_AFTER = 10.0  # seconds from the application's end
_NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedWebSockets(WebSocketsSansIOProtocol):
    """For uvicorn's `ws`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pongs = b""

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
            self.conn.fail(1009, "too many pieces")
            self.handle_parser_exception()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # for which uvicorn writes a traceback into the log
                self.frames = []
                self.conn.fail(1007, "not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # Good enough for the HTTP parser before, not for this one: nobody else would answer.
            self.handshake_initiated = self.disconnected = True
            self.transport.write(b"".join(self.conn.data_to_send()) or _NO_HANDSHAKE)
            self.transport.close()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is not None:
            super().handle_parser_exception()
        else:  # a faulty frame before we have accepted: there is nobody to send a close frame to
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.transport.close()
        self.disconnected = True  # so that what the application still sends is lost, and no fault

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        # A transport that is closed still waits for its buffer to be read.
        self.loop.call_later(CUT_OFF_AFTER, self.transport.abort)
