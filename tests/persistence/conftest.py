from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest

from persistence import database
from persistence.database import Pool
from tests.conftest import TEMPLATE, create_database, url_of
from tests.server import owner_url


@pytest.fixture
async def own_url(worker_id: str) -> str:
    """Of a database of this test alone, in which nobody has been yet."""
    name = f"own_{worker_id}_{uuid4().hex[:8]}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture
async def own_pool(own_url: str) -> AsyncGenerator[Pool]:
    """By its owner, as commands go."""
    pool = await database.connect(owner_url(own_url), size=8)
    yield pool
    pool.terminate()
