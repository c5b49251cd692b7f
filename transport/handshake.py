"""The opening of a WebSocket (RFC 6455, 4.2), for uvicorn's `ws`.

The application is asked as ASGI has it, in a task that lasts no longer than that, and refuses or
takes the line over: what is said on it then passes no ASGI. Whoever sends anything before he has
the answer is hung up on (4.1: he must wait).
"""

import asyncio
import email.utils
import logging
from collections.abc import Callable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias, cast
from urllib.parse import unquote

import uvicorn
from starlette.types import Message, Scope
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from transport.line import Line

# The line, with the handshake answered in favour of a subprotocol, or of none. Raises OSError when
# the client is gone.
Take: TypeAlias = Callable[[str | None], Line]

TAKE = "healthmed.take"  # among the scope's extensions

log = logging.getLogger(__name__)
_quiet = logging.getLogger(f"{__name__}.http")
_quiet.setLevel(logging.WARNING)  # it would tell of every client who comes


def taker(scope: Scope) -> Take | None:
    """None: this server, or its `ws`, is another one."""
    take: Take | None = scope.get("extensions", {}).get(TAKE)
    return take


class Handshake(asyncio.Protocol):
    """`python -m uvicorn --ws transport.handshake:Handshake ...` has it, too."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: MutableMapping[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config, self._server, self._app_state = config, server_state, app_state
        self._websocket = ServerProtocol(logger=_quiet)
        self._answer: Response | None = None  # as long as the application may still give it
        self._refusal: Response | None = None  # whose body is to follow
        self._gone = asyncio.Event()
        self._asked = self._told = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own

    def data_received(self, content: bytes) -> None:
        if self._asked:
            self._hang_up()
            return
        self._asked = True
        self._websocket.receive_data(content)
        requests = [it for it in self._websocket.events_received() if isinstance(it, Request)]
        if not requests:  # it cannot be read, and has its answer
            self._finish()
            return
        answer = self._websocket.accept(requests[0])
        if answer.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._refuse(answer)
            return
        self._answer = answer
        task = asyncio.get_running_loop().create_task(self._ask(self._scope(requests[0])))
        task.add_done_callback(self._server.tasks.discard)
        self._server.tasks.add(task)

    def connection_lost(self, _: Exception | None) -> None:
        self._server.connections.discard(self)
        self._answer = None
        self._gone.set()

    def shutdown(self) -> None:
        """The last word of uvicorn."""
        if self._answer is not None:
            self._refuse(self._websocket.reject(503, ""))
        self._transport.close()

    def _hang_up(self) -> None:
        self._answer = None
        self._transport.close()

    def _scope(self, request: Request) -> Scope:
        path, _, query = request.path.partition("?")
        root = self._config.root_path
        named = request.headers.get_all("Sec-WebSocket-Protocol")
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(self._transport) else "ws",
            "server": get_local_addr(self._transport),
            "client": get_remote_addr(self._transport),
            "root_path": root,
            "path": root + unquote(path),
            "raw_path": (root + path).encode("ascii", "surrogateescape"),
            "query_string": query.encode("ascii", "surrogateescape"),
            "headers": [
                (name.lower().encode("ascii"), value.encode("latin-1"))
                for name, value in request.headers.raw_items()
            ],
            "subprotocols": [each.strip() for value in named for each in value.split(",")],
            "state": dict(self._app_state),
            "extensions": {"websocket.http.response": {}, TAKE: self._take},
        }

    async def _ask(self, scope: Scope) -> None:
        try:
            await self._config.loaded_app(scope, self._receive, self._send)
        except ConnectionError:  # he is gone
            return
        except Exception:
            log.exception("a handshake failed")
        finally:
            if self._answer is not None:
                self._refuse(self._websocket.reject(500, ""))

    async def _receive(self) -> Message:
        if not self._told:
            self._told = True
            return {"type": "websocket.connect"}
        await self._gone.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def _send(self, message: Message) -> None:
        if self._answer is None:
            raise ConnectionResetError
        match message["type"]:
            case "websocket.close":
                self._refuse(self._websocket.reject(403, ""))
            case "websocket.http.response.start":
                headers = Headers()
                for name, value in message["headers"]:
                    headers[name.decode("latin-1")] = value.decode("latin-1")
                self._refusal = Response(message["status"], "", headers)
            case "websocket.http.response.body" if self._refusal is not None:
                self._refusal.body += message["body"]
                if not message.get("more_body"):
                    self._refuse(self._refusal)
            case other:
                raise RuntimeError(f"a handshake is refused, or its line is taken: no {other}")

    def _refuse(self, response: Response) -> None:
        self._answer = None
        response.reason_phrase = HTTPStatus(response.status_code).phrase
        response.headers.setdefault("Date", email.utils.formatdate(usegmt=True))
        response.headers.setdefault("Connection", "close")
        response.headers.setdefault("Content-Length", str(len(response.body)))
        self._websocket.send_response(response)
        self._finish()

    def _finish(self) -> None:
        self._transport.write(b"".join(self._websocket.data_to_send()))
        self._transport.close()

    def _take(self, subprotocol: str | None) -> Line:
        answer, self._answer = self._answer, None
        if answer is None or self._transport.is_closing():
            raise ConnectionResetError
        if subprotocol is not None:
            answer.headers["Sec-WebSocket-Protocol"] = subprotocol
        self._websocket.send_response(answer)
        self._transport.write(b"".join(self._websocket.data_to_send()))
        connections: set[Any] = self._server.connections
        connections.discard(self)
        line = Line(self._transport, connections, most=self._config.ws_max_size)
        self._transport.set_protocol(line)
        return line
