"""What registries are asked, what is made of their answers, and of none."""

import asyncio
import json
import logging
import time
import traceback

import pytest
from pydantic import SecretStr

from domain.doctors import DoctorStatus
from domain.patients import CpfStanding
from domain.registrations import CPF, CRM, UF
from domain.registries import RegistryUnreachable
from integrations.registries import HttpCpfRegistry, HttpCrmRegistry
from tests.registry import HANGS_UP, SILENCE, RegistryServer, serving

ANA = CPF("52998224725")
REGULAR = {"standing": "REGULAR"}
TOKEN = SecretStr("a token of ours")


@pytest.fixture
async def server():
    async with serving(RegistryServer(usual=REGULAR)) as it:
        yield it


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def registry(server: RegistryServer, clock: Clock):
    it = HttpCpfRegistry(server.url, TOKEN, clock=clock)
    yield it
    await it.close()


async def unreachable(registry: HttpCpfRegistry) -> str:
    with pytest.raises(RegistryUnreachable) as raised:
        await registry.look_up(ANA)
    return str(raised.value)


# ----------------------------------------------------------------- what is asked


async def test_a_cpf_is_in_the_body_and_nowhere_else(server, registry):
    assert await registry.look_up(ANA) is CpfStanding.VALID

    [head] = server.heads
    assert server.asked == [{"cpf": "52998224725"}]
    assert head.startswith("POST /look-up HTTP/1.1")
    assert "authorization: bearer a token of ours" in head.lower()
    assert "52998224725" not in head


async def test_a_crm_is_asked_about_with_its_state(server):
    server.usual = {"status": "SUSPENDED"}
    registry = HttpCrmRegistry(server.url, None)

    assert await registry.look_up(CRM("1234P", UF.RJ)) is DoctorStatus.SUSPENDED

    assert server.asked == [{"crm": "1234P", "uf": "RJ"}]
    assert "authorization" not in server.heads[0].lower()
    await registry.close()


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("REGULAR", CpfStanding.VALID),
        ("PENDING", CpfStanding.VALID),
        ("SUSPENDED", CpfStanding.VALID),
        ("CANCELLED", CpfStanding.VOID),
        ("DECEASED", CpfStanding.VOID),
        ("NULL", CpfStanding.VOID),
        ("UNKNOWN", CpfStanding.VOID),
    ],
)
async def test_a_number_is_void_when_nobody_who_lives_bears_it(server, registry, word, standing):
    server.usual = {"standing": word}

    assert await registry.look_up(ANA) is standing


@pytest.mark.parametrize(
    "url", ["http://registry.example/cpf", "ftp://localhost/", "registry.example", "https://", ""]
)
def test_no_registry_is_asked_where_others_could_read_along(url):
    with pytest.raises(ValueError, match="https"):
        HttpCpfRegistry(url, None)


# ------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("fault", [500, 503, 429, HANGS_UP])
async def test_what_may_be_over_a_moment_later_is_tried_again(server, registry, fault):
    server.next = [fault, fault]

    assert await registry.look_up(ANA) is CpfStanding.VALID
    assert len(server.asked) == 3


async def test_after_three_attempts_it_is_given_up(server, registry):
    server.usual = 503

    assert await unreachable(registry) == "status 503"
    assert len(server.asked) == 3


@pytest.mark.parametrize("answer", [401, 404, 302, "no JSON", {"standing": "FINE"}, {}, [], 7.5])
async def test_an_answer_that_will_be_no_better_is_not_asked_for_again(server, registry, answer):
    server.usual = answer

    await unreachable(registry)
    assert len(server.asked) == 1


async def test_a_silent_one_is_tried_again(server, registry):
    server.next = [SILENCE]

    assert await registry.look_up(ANA) is CpfStanding.VALID


async def test_nobody_waits_longer_than_two_seconds(server, registry):
    server.usual = SILENCE
    began = time.monotonic()

    await unreachable(registry)

    assert time.monotonic() - began < 3.5


async def test_one_that_answers_drop_by_drop_is_not_waited_for_either(clock):
    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        try:
            while not reader.at_eof():
                writer.write(b"H")
                await asyncio.sleep(0.1)
        finally:
            writer.close()

    listener = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    registry = HttpCpfRegistry(f"http://127.0.0.1:{port}/", None, clock=clock)
    began = time.monotonic()

    await unreachable(registry)

    assert 1.5 < time.monotonic() - began < 3.5
    await registry.close()
    listener.close()


async def test_one_that_is_not_there_is_found_to_be_unreachable():
    gone = RegistryServer(usual=REGULAR)
    async with serving(gone):
        pass
    registry = HttpCpfRegistry(gone.url, None)

    assert await unreachable(registry) == "ConnectError"
    await registry.close()


async def test_five_failures_have_it_left_alone_until_one_question_goes_well(
    server, registry, clock
):
    server.usual = 401
    for _ in range(5):
        await unreachable(registry)
    server.usual = REGULAR

    assert "left alone" in await unreachable(registry)
    assert len(server.asked) == 5
    clock.now += 30
    server.slow = 0.1
    both = await asyncio.gather(*(registry.look_up(ANA) for _ in range(2)), return_exceptions=True)

    assert both[0] is CpfStanding.VALID
    assert isinstance(both[1], RegistryUnreachable)
    assert await registry.look_up(ANA) is CpfStanding.VALID
    assert len(server.asked) == 7


async def test_no_number_and_no_token_is_in_what_is_logged_or_raised(server, registry, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "integrations", "tenacity", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    said = []
    for answer in (REGULAR, HANGS_UP, 500, 401, json.dumps({"standing": ANA.digits}), ANA.digits):
        server.usual = answer
        try:
            await registry.look_up(ANA)
        except RegistryUnreachable as fault:
            said.append("".join(traceback.format_exception(fault)))

    assert len(said) == 5
    for text in (caplog.text, *said):
        assert ANA.digits not in text
        assert TOKEN.get_secret_value() not in text
