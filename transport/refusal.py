"""Turning a request away before it begins, be it for an answer or for a socket."""

import orjson
from starlette.datastructures import Headers
from starlette.types import Scope, Send

from transport.errors import UNAVAILABLE, Shown
from transport.requests import Client

_LONGEST_AGENT = 512  # characters

OTHER_ORIGIN: Shown = {
    "message": "Pages of other origins open no sockets here.",
    "extensions": {"code": "FORBIDDEN"},
}
TOO_MANY: Shown = {
    "message": "There are too many connections from this address.",
    "extensions": {"code": "RATE_LIMITED"},
}
DRAINING: Shown = {
    "message": "This server is being restarted; ask again.",
    "extensions": {"code": UNAVAILABLE},
}

NO_LINE: Shown = {
    "message": "This server opens no sockets: run it with --ws transport.handshake:Handshake.",
    "extensions": {"code": UNAVAILABLE},
}


async def refuse(scope: Scope, send: Send, status: int, error: Shown, **headers: str) -> None:
    """With an HTTP status, for a socket too: it has not been opened yet.

    A server that cannot do that for sockets says 403 instead.
    """
    kind = scope["type"]
    if kind == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        kind = "websocket.http"
    body = orjson.dumps({"errors": [error]})
    said = {
        "content-type": "application/json; charset=utf-8",
        "content-length": str(len(body)),
        "connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    pairs = [(name.encode(), value.encode()) for name, value in said.items()]
    await send({"type": f"{kind}.response.start", "status": status, "headers": pairs})
    await send({"type": f"{kind}.response.body", "body": body})


def client_of(scope: Scope) -> Client:
    peer = scope.get("client")
    agent = Headers(scope=scope).get("user-agent", "")
    return Client(peer[0] if peer else "", agent[:_LONGEST_AGENT])
