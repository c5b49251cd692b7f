"""Data keys are made once, lie wrapped, and are known to every process before they seal."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

import app
from domain.keys import CannotUnwrap, KeyWrapping
from integrations import keys
from integrations.key_wrapping import FileWrapping
from persistence import data_keys
from persistence.crypto import StaleKeys, UnknownKey, head
from persistence.data_keys import FRESH_FOR, IN_FORCE_AFTER, LOOK_EVERY, Keyring, KeysMissing
from persistence.database import Pool
from tests import make
from tests.server import NEVER, LocalServer

PLACE = "patient.cpf:01940000-0000-7000-8000-000000000000"
VIEWER = "{ viewer { ... on PatientViewer { email } } }"
BRIEFLY = timedelta(seconds=1.5)
AT_ONCE = timedelta(0)


class Counting(FileWrapping):
    """`asked`: how often it has unwrapped."""

    asked = 0

    async def unwrap(self, wrapped: bytes, purpose: str, /) -> bytes:
        self.asked += 1
        return await super().unwrap(wrapped, purpose)


@pytest.fixture
def wrapping(keys_file: Path) -> Counting:
    return Counting(keys_file)


@pytest.fixture
def elsewhere(tmp_path: Path) -> FileWrapping:
    """By a key of another file."""
    keys.create(tmp_path / "keys.json")
    return FileWrapping(tmp_path / "keys.json")


@pytest.fixture
def in_file(keys_file: Path) -> bytes:
    return keys_file.read_bytes()


async def numbers(pool: Pool) -> list[int]:
    return [row["id"] for row in await pool.fetch("SELECT id FROM data_key ORDER BY id")]


async def test_the_first_start_makes_keys_and_the_next_one_finds_them(
    own_pool: Pool, wrapping: KeyWrapping
):
    first = (await Keyring.open(own_pool, wrapping)).vault
    sealed = first.seal("52998224725", PLACE)

    second = (await Keyring.open(own_pool, wrapping)).vault

    assert second.open(sealed, PLACE) == "52998224725"
    assert second.fingerprint("cpf") == first.fingerprint("cpf")
    assert await numbers(own_pool) == [1, 2]


async def test_of_many_that_start_at_once_one_makes_the_keys(own_pool: Pool, wrapping: KeyWrapping):
    rings = await asyncio.gather(*(Keyring.open(own_pool, wrapping) for _ in range(8)))

    sealed = [ring.vault.seal("52998224725", PLACE) for ring in rings]
    assert {rings[0].vault.open(each, PLACE) for each in sealed} == {"52998224725"}
    assert len({ring.vault.fingerprint("cpf") for ring in rings}) == 1
    assert await numbers(own_pool) == [1, 2]


async def test_no_key_lies_in_the_database_or_in_the_file_in_plain(
    own_pool: Pool, wrapping: KeyWrapping, in_file: bytes
):
    ring = await Keyring.open(own_pool, wrapping)
    rows = await own_pool.fetch("SELECT id, wrapped FROM data_key")
    kept = b"".join(row["wrapped"] for row in rows) + in_file

    for key in (ring.keys.hashing, *ring.keys.sealing.values()):
        assert len(key) == 32
        assert key not in kept
    assert ring.keys.hashing not in ring.keys.sealing.values()
    assert set(json.loads(in_file)) == {"signing", "rotated_at", "wrapping"}


async def test_where_there_are_accounts_no_new_keys_hide_that_theirs_are_lost(
    own_url: str, own_pool: Pool, keys_file: Path, wrapping: KeyWrapping
):
    async with LocalServer.run(own_url, keys_file) as server:
        await server.given(make.patient())
    await own_pool.execute("DELETE FROM data_key")

    with pytest.raises(KeysMissing, match="lost"):
        await Keyring.open(own_pool, wrapping)

    assert await numbers(own_pool) == []


async def test_with_another_wrapping_key_nothing_opens_and_nothing_is_made(
    own_pool: Pool, wrapping: KeyWrapping, elsewhere: KeyWrapping
):
    await Keyring.open(own_pool, wrapping)

    with pytest.raises(CannotUnwrap):
        await Keyring.open(own_pool, elsewhere)

    assert await numbers(own_pool) == [1, 2]


async def test_a_key_that_is_taken_for_another_one_does_not_unwrap(
    own_pool: Pool, wrapping: KeyWrapping
):
    """Or whoever may write to the database could have the hashing key seal."""
    await Keyring.open(own_pool, wrapping)
    await own_pool.execute(
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE id = 1) WHERE id = 2"
    )

    with pytest.raises(CannotUnwrap):
        await Keyring.open(own_pool, wrapping)


async def test_a_new_key_seals_only_once_it_is_in_force(own_pool: Pool, wrapping: KeyWrapping):
    one, other = [await Keyring.open(own_pool, wrapping) for _ in range(2)]
    await data_keys.add(own_pool, wrapping, in_force_after=BRIEFLY)
    for ring in (one, other):
        await ring.look()
    before = one.vault.seal("52998224725", PLACE)

    await asyncio.sleep(BRIEFLY.total_seconds())
    await one.look()
    after = one.vault.seal("52998224725", PLACE)

    assert before.startswith(head(2))
    assert after.startswith(head(3))
    assert other.vault.seal("", PLACE).startswith(head(2))  # it has not looked again
    for ring in (one, other):
        assert [ring.vault.open(each, PLACE) for each in (before, after)] == ["52998224725"] * 2


def test_whoever_has_not_heard_of_a_key_seals_no_more_before_others_begin_with_it():
    assert FRESH_FOR.total_seconds() / 3 > LOOK_EVERY  # two looks may fail
    assert FRESH_FOR < IN_FORCE_AFTER


async def test_what_is_sealed_under_a_key_that_one_has_not_heard_of_opens_after_the_next_look(
    own_pool: Pool, wrapping: KeyWrapping
):
    one, other = [await Keyring.open(own_pool, wrapping) for _ in range(2)]
    await data_keys.add(own_pool, wrapping, in_force_after=AT_ONCE)
    await one.look()
    sealed = one.vault.seal("52998224725", PLACE)

    with pytest.raises(UnknownKey, match="3"):
        other.vault.open(sealed, PLACE)
    await other.look()

    assert other.vault.open(sealed, PLACE) == "52998224725"


async def test_a_key_is_unwrapped_once_in_the_life_of_a_process(own_pool: Pool, wrapping: Counting):
    ring = await Keyring.open(own_pool, wrapping)
    await ring.look()
    assert wrapping.asked == 2

    await data_keys.add(own_pool, wrapping)
    for _ in range(3):
        await ring.look()

    assert wrapping.asked == 3


async def test_after_a_rewrap_the_same_keys_are_there_and_the_old_wrapping_opens_none(
    own_pool: Pool, wrapping: KeyWrapping, elsewhere: KeyWrapping
):
    before = await Keyring.open(own_pool, wrapping)
    await data_keys.add(own_pool, wrapping)
    await before.look()

    assert await data_keys.rewrap(own_pool, wrapping, elsewhere) == 3
    assert await data_keys.rewrap(own_pool, wrapping, elsewhere) == 3  # after it was killed

    assert (await Keyring.open(own_pool, elsewhere)).keys == before.keys
    await before.look()  # a server that runs on has them already
    with pytest.raises(CannotUnwrap):
        await Keyring.open(own_pool, wrapping)


async def test_a_rewrap_that_cannot_unwrap_one_key_changes_none(
    own_pool: Pool, wrapping: KeyWrapping, elsewhere: KeyWrapping
):
    await Keyring.open(own_pool, wrapping)
    await own_pool.execute("UPDATE data_key SET wrapped = '\\x00' WHERE id = 2")
    before = await own_pool.fetch("SELECT * FROM data_key ORDER BY id")

    with pytest.raises(CannotUnwrap):
        await data_keys.rewrap(own_pool, wrapping, elsewhere)

    assert await own_pool.fetch("SELECT * FROM data_key ORDER BY id") == before


async def test_who_has_not_looked_for_long_seals_nothing_and_is_not_ready(
    own_url: str, keys_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app, "LOOK_EVERY", NEVER)
    async with LocalServer.run(own_url, keys_file) as server:
        keyring, ana = server.app.keyring, make.patient()
        await has_looked(server)
        keyring.vault.hold(keyring.keys, until=time.monotonic() - 0.001)

        with pytest.raises(StaleKeys):
            await server.given(ana)
        assert await told(server) == (503, False)
        assert (await server.counts())["patient"] == 0

        await keyring.look()
        await server.given(ana)
        assert (await told(server))[1]


async def has_looked(server: LocalServer) -> None:
    """By itself, as it does right after its start."""
    vault = server.app.keyring.vault
    opened = vault.until
    async with asyncio.timeout(10):
        while vault.until == opened:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)


async def test_a_server_that_has_not_heard_of_a_key_fails_with_what_it_sealed_alone(
    own_url: str,
    own_pool: Pool,
    keys_file: Path,
    wrapping: KeyWrapping,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(app, "LOOK_EVERY", NEVER)
    ana, bia = make.patient(), make.patient()
    async with (
        LocalServer.run(own_url, keys_file) as one,
        LocalServer.run(own_url, keys_file) as other,
    ):
        await has_looked(other)
        await one.given(ana)
        await data_keys.add(own_pool, wrapping, in_force_after=AT_ONCE)
        await one.app.keyring.look()
        await one.given(bia)

        assert await other.ask(VIEWER, ana) == {"email": ana.account.email}
        assert await other.refuse(VIEWER, bia) == "INTERNAL"
        await other.app.keyring.look()
        assert await other.ask(VIEWER, bia) == {"email": bia.account.email}


async def told(server: LocalServer) -> tuple[int, bool]:
    """Of readiness: its status, and whether keys are among what works."""
    answer = await server.app.readyz(None)
    return answer.status_code, json.loads(answer.body)["keys"]
