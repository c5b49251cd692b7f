"""One running server for each worker of the tests and each profile, and the people in it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.conftest import TEMPLATE, create_database, url_of
from tests.judges import people
from tests.judges.running import Running, running

PROFILES = ["open", "production"]
PUBLIC_URL = "http://127.0.0.1:8000"  # of all: they take one another's tokens

Servers: TypeAlias = Callable[..., Running]


@pytest.fixture(scope="session")
async def own_database(worker_id: str) -> str:
    """The judges', so that no test with another clock or key meddles with it."""
    name = f"judged_{worker_id}_{os.getpid()}"
    await create_database(name, TEMPLATE)
    return url_of(name)


@pytest.fixture(scope="session")
def servers(own_database: str, keys_file: Path) -> Iterator[Servers]:
    """By profile, and settings besides it; started when first asked for."""
    folder = Path(tempfile.mkdtemp(prefix="healthmed-judges-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)

        @cache
        def start(profile: str, **settings: str) -> Running:
            environment = {
                **settings,
                "HEALTHMED_PROFILE": profile,
                "HEALTHMED_PUBLIC_URL": PUBLIC_URL,
                "HEALTHMED_DATABASE_URL": own_database,
                "HEALTHMED_KEYS_FILE": str(keys_file),
            }
            own = Path(tempfile.mkdtemp(prefix=f"{profile}-", dir=folder))
            return stack.enter_context(running(own, environment))

        yield start


@pytest.fixture(scope="session")
def server(servers: Servers) -> Running:
    return servers("open")


@pytest.fixture(scope="session")
def forgetful(servers: Servers) -> Running:
    """Open; it remembers no document, so that the same input costs the same again."""
    return servers("open", HEALTHMED_TRANSPORT__DOCUMENTS_KEPT="0")


@pytest.fixture(scope="module")
def doctor(server: Running) -> people.SignedIn:
    return people.doctor(server)


@pytest.fixture(scope="module")
def patient(server: Running) -> people.SignedIn:
    return people.patient(server)


@pytest.fixture
def unharmed(forgetful: Running) -> Iterator[None]:
    """After the test the very same process answers, and it has complained of nothing."""
    complaints = len(forgetful.faults())
    yield
    assert forgetful.cpu()
    assert forgetful.ask("{ __typename }") == "Query"
    assert forgetful.faults()[complaints:] == [], forgetful.log.read_text(errors="replace")[-4000:]
