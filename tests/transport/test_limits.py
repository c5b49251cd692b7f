"""Every bound is tried on both sides: here, or where what it bounds is."""

import asyncio
import time
from dataclasses import fields, replace

import pytest

from tests.named import exists
from tests.transport.conftest import LIMITS, ByHand, Connect, until
from tests.transport.world import World
from transport import messages
from transport.limits import Limits
from transport.outbox import Outbox

MEASURES = "test_analysis.py::test_each_measure_is_refused_beyond_its_limit_and_not_at_it"
COMPLEX = "test_documents.py::test_what_is_too_complex_is_told_what_of_it_is"
READ = "test_documents.py::test_what_is_just_small_enough_is_read"
COUNTED = "test_cost.py::test_variables_are_counted_before_anything_is_made_of_them"
DEAR = "test_cost.py::test_what_is_too_dear_is_refused_with_its_cost_before_anything_runs"
SOCKET, RATES = "test_websocket.py", "test_rates.py"
EACH = f"{RATES}::test_an_address_and_an_account_have_each_their_operations"
BOUNDS = {  # by a test on this side of it, and one on the other; many are both
    "body_bytes": ("test_limits.py::test_a_body_has_so_many_bytes_at_most",),
    "variable_values": (COUNTED,),
    "object_fields": (COUNTED,),
    "document_bytes": (READ, COMPLEX),
    "document_tokens": (READ, COMPLEX),
    "documents_kept": ("test_documents.py::test_a_text_is_studied_once_while_it_is_remembered",),
    "operations": (MEASURES,),
    "fragments": (MEASURES,),
    "depth": (MEASURES,),
    "introspection_depth": (MEASURES,),
    "selections": (MEASURES,),
    "repeats": (MEASURES,),
    "aliases": (MEASURES,),
    "directives": (MEASURES,),
    "root_fields": (MEASURES,),
    "budget": (DEAR,),
    "operation_seconds": (
        "test_limits.py::test_an_operation_that_is_done_in_time_is_answered",
        "test_http.py::test_an_operation_that_takes_too_long_is_given_up",
    ),
    "init_seconds": (
        "test_limits.py::test_an_init_may_come_late_but_in_time",
        f"{SOCKET}::test_a_socket_without_init_is_closed_in_time",
    ),
    "ping_seconds": (
        "test_feeds.py::test_a_client_who_answers_pings_is_kept",
        "test_feeds.py::test_a_silent_client_is_pinged_and_then_given_up",
    ),
    "close_seconds": ("test_limits.py::test_a_close_waits_so_long_for_a_client_who_does_not_read",),
    "outbox_messages": ("test_limits.py::test_an_outbox_takes_so_many_messages_and_bytes",),
    "outbox_bytes": ("test_limits.py::test_an_outbox_takes_so_many_messages_and_bytes",),
    "operations_per_socket": (
        f"{SOCKET}::test_only_so_many_operations_go_at_once",
        "test_sse.py::test_a_stream_has_only_so_many_operations_at_once",
    ),
    "answers_per_socket": ("test_limits.py::test_so_many_answers_are_made_at_once_for_a_socket",),
    "answers_at_once": (
        "test_entrance.py::test_so_many_are_inside_and_the_others_follow_in_the_order_of_their_coming",
        "test_entrance.py::test_who_waited_in_vain_is_told_when_to_come_back_and_nothing_has_run",
    ),
    "chatter_per_second": (f"{SOCKET}::test_a_flood_of_messages_that_cost_nothing_closes",),
    "chatter_at_once": (f"{SOCKET}::test_a_flood_of_messages_that_cost_nothing_closes",),
    "connections_per_user": (
        f"{SOCKET}::test_only_so_many_sockets_are_one_users",
        "test_registry.py::test_only_so_many_are_one_users_and_nobody_is_no_user",
    ),
    "connections_per_address": (
        f"{SOCKET}::test_only_so_many_sockets_come_from_one_address",
        "test_sse.py::test_streams_and_reservations_count_as_connections",
    ),
    "operations_per_address": (EACH,),
    "operations_per_account": (EACH,),
    "points_per_address": (f"{RATES}::test_they_are_rationed_by_cost_too",),
    "points_per_account": (f"{RATES}::test_they_are_rationed_by_cost_too",),
    "accounts_per_address": (f"{RATES}::test_making_accounts_is_rationed_by_itself",),
    "keep_alive_seconds": ("test_sse.py::test_a_stream_that_is_quiet_is_kept_alive_by_comments",),
    "reservation_seconds": ("test_sse.py::test_a_reservation_that_is_not_used_is_given_up",),
    "drain_seconds": (
        "test_drain.py::test_new_work_is_refused_and_what_runs_ends",
        "test_drain.py::test_after_the_grace_time_it_is_cut_off",
    ),
    "drain_notice_seconds": ("test_drain.py::test_first_a_balancer_is_given_time_to_notice",),
    "drained_per_second": (
        "test_drain.py::test_clients_are_sent_away_one_after_another_within_half_the_grace_time",
    ),
    "origins": (f"{SOCKET}::test_pages_of_our_own_origin_and_of_those_in_the_settings_may",),
}


def test_no_limit_is_left_out():
    assert list(BOUNDS) == [field.name for field in fields(Limits)]
    assert [
        test for tests in BOUNDS.values() for test in tests if not exists(f"transport/{test}")
    ] == []


@pytest.mark.parametrize(("size", "status"), [(4096, 200), (4097, 413)])
@pytest.mark.parametrize("told", [True, False])
async def test_a_body_has_so_many_bytes_at_most(http, size, status, told):
    body = b'{"query":"{ who }"}'.ljust(size)

    async def pieces():
        yield body[:2000]
        yield body[2000:]

    answer = await http.post(
        "/graphql",
        content=body if told else pieces(),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == status


@pytest.mark.parametrize("limits", [replace(LIMITS, operation_seconds=2)])
async def test_an_operation_that_is_done_in_time_is_answered(http, world: World):
    gate = world.hub.gate = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, gate.set)

    answer = await http.post("/graphql", json={"query": "{ gated }"})

    assert answer.json()["data"] == {"gated": "done"}


@pytest.mark.parametrize("limits", [replace(LIMITS, init_seconds=1.5)])
async def test_an_init_may_come_late_but_in_time(connect: Connect):
    async with connect() as client:
        await asyncio.sleep(0.3)
        await client.init()
        await asyncio.sleep(1.5)
        await client.silent()


@pytest.mark.parametrize(("seconds", "hears"), [(5, True), (0.3, False)])
async def test_a_close_waits_so_long_for_a_client_who_does_not_read(world: World, seconds, hears):
    world.limits = replace(LIMITS, close_seconds=seconds)
    async with ByHand(world) as client:
        client.say(type="connection_init")
        await until(lambda: client.heard)
        client.reading.clear()
        began = time.monotonic()
        client.say(type="connection_init")
        if hears:
            await asyncio.sleep(0.1)
            assert not client.cut_off
        else:
            await until(lambda: client.cut_off)
            assert time.monotonic() - began >= seconds
        client.reading.set()

    assert (client.closed == (4429, "Too many initialisation requests")) is hears
    assert not hears or time.monotonic() - began < seconds - 1  # then it is over at once
    assert not world.made.registry.present


def test_words_for_short_ids_are_shared_and_long_ids_are_kept_by_nobody():
    assert messages.wording("12") is messages.wording("12")
    assert messages.wording("1" * 9) is not messages.wording("1" * 9)


class Owner:
    stopped = False

    def drained(self) -> None: ...


@pytest.mark.parametrize(
    ("messages", "size", "taken"), [(3, 100, 3), (4, 100, 4), (10, 30, 3), (10, 29, 2)]
)
async def test_an_outbox_takes_so_many_messages_and_bytes(messages, size, taken):
    outbox = Outbox(messages=messages, size=size)

    offers = [outbox.offer(b"head", b"load", b"ta", Owner()) for _ in range(5)]

    assert offers == [True] * taken + [False] * (5 - taken)


async def test_so_many_answers_are_made_at_once_for_a_socket(world: World):
    world.limits = replace(LIMITS, answers_per_socket=3, operation_seconds=30)
    gate = world.hub.gate = asyncio.Event()
    async with ByHand(world) as client:
        client.say(type="connection_init")
        for n in range(5):
            client.say(id=str(n), type="subscribe", payload={"query": "{ gated }"})
        await until(lambda: len(world.contexts) == 3)
        await asyncio.sleep(0.05)
        assert len(world.contexts) == 3

        gate.set()
        await until(lambda: len(client.heard) == 1 + 2 * 5)
