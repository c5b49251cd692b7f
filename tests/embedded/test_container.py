"""What a container of our image does, as processes of this machine."""

import asyncio
import importlib
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import asyncpg
import boto3
import pytest
from moto import mock_aws

from domain import clock
from embedded import container, new_keys, rotate_secret
from integrations import keys
from tests.conftest import TEMPLATE, create_database, store_settings, url_of
from tests.embedded.processes import ROOT, WITHOUT_STORE
from tests.server import owner_url


def run(*act: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "embedded.container", *act],
        cwd=ROOT,
        env={**WITHOUT_STORE, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return taken.getsockname()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="containers are Linux's")
def test_secrets_become_files_that_are_read_again_and_again():
    environment = {"HEALTHMED_KEYS": "{}", "HEALTHMED_CLOUDFRONT_PRIVATE_KEY": "", "A": "b"}

    container.keep_in_memory(environment)

    assert set(environment) == {"HEALTHMED_KEYS_FILE", "A"}
    for _ in range(2):
        assert Path(environment["HEALTHMED_KEYS_FILE"]).read_text() == "{}"


def test_what_it_does_not_do_it_refuses():
    ended = run("dance")

    assert ended.returncode == 1
    assert "serve" in ended.stderr


@pytest.mark.parametrize("act", container.ACTS)
def test_every_act_is_there_and_has_help(act: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(container.ACTS[act]).main(["--help"])

    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="containers are Linux's")
def test_it_serves_with_keys_from_the_environment_and_drains(worker_id: str):
    name = f"container_{worker_id}_{uuid4().hex[:8]}"
    asyncio.run(create_database(name, TEMPLATE))
    port = free_port()
    given = {
        "HEALTHMED_DATABASE_URL": url_of(name),
        "HEALTHMED_KEYS": run("new-keys").stdout,
        **store_settings(),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "embedded.container", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**WITHOUT_STORE, **given},
    ) as server:
        try:
            for _ in range(120):
                asked = run("ready", "--port", str(port))
                if asked.returncode == 0:
                    break
                time.sleep(0.25)
            assert json.loads(asked.stdout)["ready"]
        finally:
            server.send_signal(signal.SIGTERM)
            # uvicorn ends by the signal, once it has drained
            assert server.wait(30) == -signal.SIGTERM
    assert run("ready", "--port", str(port)).returncode == 1
    proved = run(
        "verify-log",
        **{**given, "HEALTHMED_DATABASE_URL": owner_url(given["HEALTHMED_DATABASE_URL"])},
    )
    assert "0 are not" in proved.stdout, proved.stderr


def test_migrating_lets_the_servers_in(worker_id: str):
    name = f"admitted_{worker_id}_{uuid4().hex[:8]}"
    asyncio.run(create_database(name))
    url = owner_url(url_of(name))

    for _ in range(2):
        ended = run("migrate", HEALTHMED_DATABASE_URL=url)
        assert ended.returncode == 0, ended.stderr
    asyncio.run(_may_read(url_of(name)))


async def _may_read(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM account") == 0
    finally:
        await connection.close()


def test_a_release_that_is_rolled_back_to_leaves_a_later_ones_schema_as_it_is(worker_id: str):
    name = f"later_{worker_id}_{uuid4().hex[:8]}"
    asyncio.run(create_database(name, TEMPLATE))
    url = owner_url(url_of(name))
    asyncio.run(_execute(url, "UPDATE alembic_version SET version_num = 'aa1f3bd2704e'"))

    ended = run("migrate", HEALTHMED_DATABASE_URL=url)

    assert ended.returncode == 0, ended.stderr
    assert "The database is at aa1f3bd2704e, of a later release" in ended.stdout
    asyncio.run(_may_read(url_of(name)))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def test_migrating_without_a_database_says_what_is_missing():
    ended = run("migrate")

    assert ended.returncode == 1
    assert "HEALTHMED_DATABASE_URL" in ended.stderr


def test_new_keys_are_never_written_over_old_ones(tmp_path: Path):
    file = tmp_path / "keys.json"

    new_keys.main(["--file", str(file)])
    before = file.read_text()
    new_keys.main(["--file", str(file)])

    assert file.read_text() == before
    assert keys.load(file).wrapping
    new_keys.main(["--kms", "--file", str(tmp_path / "other.json")])
    assert not keys.load(tmp_path / "other.json").wrapping


def test_a_secret_is_rotated_once_and_not_at_once_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    new_keys.main(["--kms", "--file", str(tmp_path / "keys.json")])
    with mock_aws():
        store = boto3.client("secretsmanager")
        store.create_secret(Name="keys", SecretString=(tmp_path / "keys.json").read_text())
        before = json.loads(store.get_secret_value(SecretId="keys")["SecretString"])["signing"]

        rotate_secret.rotate("keys", at=clock.now())

        after = json.loads(store.get_secret_value(SecretId="keys")["SecretString"])["signing"]
        assert after["current"] == before["next"]
        assert after["previous"] == before["current"]
        with pytest.raises(keys.TooSoon):
            rotate_secret.rotate("keys", at=clock.now())
