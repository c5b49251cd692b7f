"""A KMS in this process, as moto plays it, where AWS's own environment says that it is."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aioboto3
import pytest
from moto.server import ThreadedMotoServer

REGION = "sa-east-1"


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """Yields the environment in which a client finds it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield {
            "AWS_ENDPOINT_URL_KMS": f"http://{host}:{port}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    finally:
        server.stop()


async def make_key() -> str:
    """A key for encryption in the KMS of the environment; its id."""
    async with aioboto3.Session().client("kms") as kms:
        answer = await kms.create_key()
    return str(answer["KeyMetadata"]["KeyId"])


@pytest.fixture(scope="module")
def kms() -> Iterator[dict[str, str]]:
    with serving() as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield environment
