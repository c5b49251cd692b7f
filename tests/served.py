"""The whole server as it is run: uvicorn in front, the application of `create_app` behind."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from app import Settings, create_app
from transport.handshake import Handshake


@asynccontextmanager
async def served(settings: Settings, *, known: bool = False) -> AsyncGenerator[str]:
    """Its URL, on a free port of the loopback, in the loop of the tests. `known`: it is the public
    one of the settings, too, for pages whose links and forms lead back to it.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if known:
            settings = settings.model_copy(update={"public_url": url})
        config = uvicorn.Config(create_app(settings), lifespan="on", log_config=None, ws=Handshake)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listening]))
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110  # uvicorn tells it by no event
                await asyncio.sleep(0.01)
        yield url
        server.should_exit = True
        await running
