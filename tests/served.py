"""The whole server as it is run: uvicorn in front, the application of `create_app` behind."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from app import create_app
from embedded import seaweed
from transport.gathering import GatheringHttp
from transport.handshake import Handshake
from wiring.settings import Settings


def free_port() -> int:
    """For a server that is to come back where it was."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def kept_port() -> int:
    """For one that may be away for long: nobody is given it meanwhile."""
    return next(seaweed.free_ports(1))


@asynccontextmanager
async def served(settings: Settings, *, known: bool = False, port: int = 0) -> AsyncGenerator[str]:
    """Its URL, on a free port of the loopback, in the loop of the tests. `known`: it is the public
    one of the settings, too, for pages whose links and forms lead back to it. `port`: this one, not
    any that is free.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if known:
            settings = settings.model_copy(update={"public_url": url})
        config = uvicorn.Config(
            create_app(settings), lifespan="on", log_config=None, http=GatheringHttp, ws=Handshake
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listening]))
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110  # uvicorn tells it by no event
                await asyncio.sleep(0.01)
        try:
            yield url
        finally:
            server.should_exit = True
            await running
