"""Prometheus' numbers, at /metrics on a port of their own: for whoever watches, not for clients."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@asynccontextmanager
async def served(listener: socket.socket) -> AsyncGenerator[None]:
    """On this socket, while it is entered, in the loop that everything else runs in."""
    app = Starlette(routes=[Route("/metrics", _metrics)])
    config = uvicorn.Config(
        app, lifespan="off", access_log=False, log_config=None, server_header=False
    )
    server = _Beside(config)
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await running


async def _metrics(request: Request) -> Response:
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(REGISTRY), headers={"content-type": content_type})


class _Beside(uvicorn.Server):
    """Signals are for the server beside which it runs."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
