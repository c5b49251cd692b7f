"""What ClamAV is given, and what we make of its answers."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.scanning import Finding, ScannerUnreachable
from integrations.clamav import ClamAv, NoScanner
from tests import contents
from tests.clamd import EICAR, STREAM_MOST, at_hand, pretending
from wiring import parts
from wiring.settings import Settings


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class Lost(Exception):
    pass


async def lost(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise Lost


# ------------------------------------------------------------------ the real one


@pytest.fixture(scope="module")
def real() -> AsyncIterator[ClamAv]:
    with at_hand() as address:
        yield ClamAv(address)


def _zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return file.getvalue()


@pytest.mark.parametrize(
    "infected",
    [
        EICAR,
        contents.pdf(contents.stream(EICAR)),
        contents.png(contents.chunk(b"tEXt", b"Title\0" + EICAR)),
        _zipped(EICAR),
    ],
)
async def test_clamav_finds_what_it_knows(real: ClamAv, infected: bytes):
    halves = infected[: len(infected) // 2], b"", infected[len(infected) // 2 :]

    assert await real.scan(pieces(*halves)) == Finding("Ours.Eicar.UNOFFICIAL")


async def test_clamav_lets_pass_what_is_clean(real: ClamAv):
    assert await real.scan(pieces(contents.pdf())) is None
    assert await real.scan(pieces(bytes(300_000), bytes(300_000))) is None
    assert await real.scan(pieces()) is None


async def test_what_is_longer_than_clamav_takes_is_not_taken_for_clean(real: ClamAv):
    with pytest.raises(ScannerUnreachable):
        await real.scan(pieces(bytes(STREAM_MOST + 1)))


async def test_clamav_is_reached(real: ClamAv):
    assert await real.reachable()


async def test_several_are_looked_at_side_by_side(real: ClamAv):
    found = await asyncio.gather(
        *(real.scan(pieces(bytes(1000), EICAR if i % 2 else b"")) for i in range(10))
    )

    assert [finding is not None for finding in found] == [False, True] * 5


# ---------------------------------------------------------------- the protocol


async def _given(reader: asyncio.StreamReader) -> list[bytes]:
    """The pieces of one stream."""
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    taken = []
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        taken.append(await reader.readexactly(size))
    return taken


def answering(reply: bytes, taken: list[bytes] | None = None):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        given = await _given(reader)
        if taken is not None:
            taken.extend(given)
        writer.write(reply)
        await writer.drain()

    return talk


async def test_all_is_sent_in_order_and_in_pieces_of_64_kib():
    taken: list[bytes] = []
    content = bytes(range(256)) * 600

    async with pretending(answering(b"stream: OK\0", taken)) as address:
        assert await ClamAv(address).scan(pieces(content[:7], b"", content[7:])) is None

    assert b"".join(taken) == content
    assert max(map(len, taken)) <= 1 << 16


async def test_a_finding_bears_the_name_of_its_signature():
    async with pretending(answering(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as address:
        assert await ClamAv(address).scan(pieces(b"x")) == Finding("Win.Test.EICAR_HDB-1")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"stream: OK",  # not all of it
        b"\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"stream: OK. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"x" * 100_000,
    ],
)
async def test_no_other_answer_means_clean(reply: bytes):
    async with pretending(answering(reply)) as address:
        with pytest.raises(ScannerUnreachable):
            await ClamAv(address).scan(pieces(b"x"))


async def test_one_that_hangs_up_in_the_middle_is_unreachable():
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readexactly(20)

    async with pretending(talk) as address:
        with pytest.raises(ScannerUnreachable):
            await ClamAv(address).scan(pieces(*[bytes(1 << 20)] * 25))


@pytest.mark.parametrize("reads", [False, True])
async def test_one_that_hangs_is_left_in_time(reads: bool):
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        if reads:
            await _given(reader)
        await asyncio.Event().wait()

    async with pretending(talk) as address:
        scanner = ClamAv(address, step=0.2, verdict=0.2)
        async with asyncio.timeout(10):
            with pytest.raises(ScannerUnreachable, match="TimeoutError"):
                await scanner.scan(pieces(*[bytes(1 << 20)] * 25))
            assert not await scanner.reachable()


async def test_one_that_is_not_there_is_unreachable(tmp_path: Path):
    async with pretending(answering(b"")) as address:
        pass

    for gone in (ClamAv(address), ClamAv(f"unix:{tmp_path / 'none'}")):
        with pytest.raises(ScannerUnreachable):
            await gone.scan(pieces(b"x"))
        assert not await gone.reachable()


async def test_when_the_file_itself_is_lost_that_is_told_and_it_is_not_taken_for_clean():
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        try:
            await _given(reader)
        except (ConnectionError, EOFError):
            ended.set()

    async with pretending(talk) as address:
        with pytest.raises(Lost):
            await ClamAv(address).scan(lost(b"half"))
        async with asyncio.timeout(10):
            await ended.wait()  # it was told of no end


@pytest.mark.parametrize(
    "address", ["", "localhost:3310", "http://x", "tcp://", "unix:", "tcp://x:y"]
)
def test_what_is_no_address_of_clamd_is_refused(address: str):
    with pytest.raises(ValueError, match=r"tcp://|Port"):
        ClamAv(address)


# ------------------------------------------------------------------ without one


async def test_without_a_scanner_all_is_taken_on_a_machine_of_ones_own_and_nothing_elsewhere():
    taken = pieces(b"a", b"b")

    assert await NoScanner(trusting=True).scan(taken) is None
    assert [chunk async for chunk in taken] == []  # whoever counts along has seen them all
    with pytest.raises(ScannerUnreachable):
        await NoScanner(trusting=False).scan(pieces(b"a"))


def _settings(**given: object) -> Settings:
    return Settings(database_url="postgresql://nobody@localhost/none", keys_file="none", **given)


@pytest.mark.parametrize(
    ("environment", "then"), [("local", "not looked at for malware"), ("production", "refused")]
)
def test_that_there_is_none_is_told_at_the_start(caplog, environment: str, then: str):
    parts.scanner(_settings(environment=environment))

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"what is uploaded is {then}" in caplog.text


async def test_production_takes_nothing_that_nobody_has_looked_at():
    scanner = parts.scanner(_settings(environment="production"))

    with pytest.raises(ScannerUnreachable):
        await scanner.scan(pieces(b"a"))


def test_an_address_that_leads_nowhere_ends_the_start():
    with pytest.raises(SystemExit, match="HEALTHMED_CLAMAV"):
        parts.scanner(_settings(clamav="clamd"))
