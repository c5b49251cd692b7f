"""WebSockets by hand (RFC 6455): frames that no library would send, and all that comes back."""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from typing import Self

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PATIENCE = 5.0  # seconds
HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(
    opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True
) -> bytes:
    first = fin << 7 | reserved << 4 | opcode
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, masked << 7 | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, masked << 7 | 126, size)
    else:
        head = struct.pack("!BBQ", first, masked << 7 | 127, size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    stream = mask * (size // 4 + 1)
    mixed = int.from_bytes(payload) ^ int.from_bytes(stream[:size])
    return head + mask + mixed.to_bytes(size)


NORMAL_CLOSURE = frame(CLOSE, struct.pack("!H", 1000))


class Wire:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.sendall(HANDSHAKE.format(host=f"127.0.0.1:{port}").encode())
        self._heard = b""
        while b"\r\n\r\n" not in self._heard:
            self._more()
        head, _, self._heard = self._heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, content: bytes) -> None:
        """The server may have closed already: then what is said is lost, and nothing wrong."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(content)

    def say_no_more(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close_code(self) -> int | None:
        """That the server sends in the end. None: it ended the connection without."""
        code = None
        for opcode, payload in self._frames():
            if opcode == CLOSE and code is None:
                [code] = struct.unpack("!H", payload[:2]) if payload else [1005]
                self.say_no_more()
        return code

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        """Until the end. A server's frames are not masked."""
        with contextlib.suppress(ConnectionError):
            while True:
                first, size = self._take(2)
                if size > 125:
                    size = int.from_bytes(self._take(2 if size == 126 else 8))
                yield first & 15, self._take(size)

    def _take(self, count: int) -> bytes:
        while len(self._heard) < count:
            self._more()
        taken, self._heard = self._heard[:count], self._heard[count:]
        return taken

    def _more(self) -> None:
        more = self._socket.recv(65_536)
        if not more:
            raise ConnectionResetError
        self._heard += more
