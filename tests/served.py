"""The whole server as it is run: uvicorn in front, the application of `create_app` behind."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from app import Settings, create_app


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[str]:
    """Its URL, on a free port of the loopback, in the loop of the tests."""
    config = uvicorn.Config(
        create_app(settings), lifespan="on", log_config=None, ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = asyncio.create_task(server.serve([listening]))
        async with asyncio.timeout(20):
            while not server.started:  # noqa: ASYNC110  # uvicorn tells it by no event
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running
