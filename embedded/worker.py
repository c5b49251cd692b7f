"""One process of the server: `python -m embedded.worker LISTENER PARENT`, started by Workers.

LISTENER is the number of the inherited socket on which all of them answer, PARENT whom to die with.
"""

import os
import signal
import socket
import sys
from collections.abc import Mapping

import uvicorn

from embedded.launch import die_with
from integrations import logs
from transport import request_ids
from transport.drain import DrainingServer
from transport.gathering import GatheringHttp
from transport.handshake import Handshake

MIB = 2**20
UNREAD_MOST = 60_000  # milliseconds


def configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "app:create_app",
        factory=True,
        lifespan="on",
        loop="uvloop",
        http=GatheringHttp,
        ws=Handshake,
        ws_max_size=MIB,
        ws_per_message_deflate=False,
        access_log=False,  # paths and addresses are nobody's business
        log_config=None,
        server_header=False,
        backlog=4096,
        # Without a proxy that one knows of, X-Forwarded-For is whatever a client likes to claim.
        proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
        timeout_graceful_shutdown=3,  # for what has outlasted the drain
    )


def main() -> None:
    listener, parent = map(int, sys.argv[1:])
    # SIGKILL, for whoever kills the parent wants the port back at once.
    die_with(parent, signal.SIGKILL)
    serve(socket.socket(fileno=listener))


def serve(listener: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C, and through the drain that follows."""
    logs.set_up(_form(os.environ), request_ids.current.get)
    DrainingServer(configuration()).run(sockets=[_bounded(listener)])


def _form(environment: Mapping[str, str]) -> logs.Form:
    """Of the log: HEALTHMED_LOG; else JSON where nobody looks on."""
    local = environment.get("HEALTHMED_ENVIRONMENT", "local") == "local"
    named = environment.get("HEALTHMED_LOG", "text" if local else "json")
    if named not in logs.FORMS:
        sys.exit(f"HEALTHMED_LOG is json or text, not {named!r}.")
    return logs.FORMS[named]


def _bounded(listener: socket.socket) -> socket.socket:
    """What a client leaves unread for so long ends his connection, whatever it carries (Linux)."""
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MOST)
    return listener


if __name__ == "__main__":
    main()
