"""Any messages and any frames, as Hypothesis thinks of them: every end has a protocol's code."""

import json
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.judges.fuzz import LIMITED, cheaply, request, text, value
from tests.judges.running import Running
from tests.judges.wire import BINARY, CLOSE, CONTINUATION, NORMAL_CLOSURE, PING, TEXT, Wire, frame

pytestmark = pytest.mark.usefixtures("unharmed")

CODES = {1000, 1002, 1003, 1005, 1007, 1008, 1009, 4400, 4401, 4403, 4408, 4409, 4429}
TYPES = [
    *("subscribe", "subscribe", "subscribe", "connection_init", "complete", "ping", "pong"),
    *("connection_ack", "next", "error", "start", "connection_terminate"),
]
INIT = '{"type":"connection_init"}'


def in_text(content: str) -> bytes:
    return frame(TEXT, content.encode(errors="replace"))


def deep(count: int) -> str:
    return f'{{"type":"ping","payload":{{"a":{"[" * count}{"]" * count}}}}}'


subscribe = st.fixed_dictionaries(
    {"type": st.just("subscribe"), "id": st.sampled_from("12345678"), "payload": request}
)
message = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | value},
    optional={"id": st.sampled_from("123") | value, "payload": request | request | value},
)
spoken = st.lists((subscribe | message | value).map(json.dumps) | text, max_size=10)
messages = spoken | spoken.map(lambda them: [INIT, *them])


@LIMITED
@given(messages)
@example([deep(100_000)])
@example([INIT, deep(500)])
@example([INIT, '{"type":"ping","payload":{"a":"' + "a" * 1_000_000 + '"}}'])
@example([INIT, '{"type":"complete","id":"' + "a" * 1_040_000 + '"}'])
@example([INIT, '{"type":"ping","payload":{"a":"' + "a" * 1_050_000 + '"}}'])
@example([INIT, *['{"type":"ping"}'] * 500])
@example([INIT, *['{"type":"complete","id":"1"}'] * 500])
def test_any_messages_end_with_a_code(forgetful: Running, messages: list[str]):
    def talk() -> None:
        with Wire(forgetful.port) as wire:
            wire.say(b"".join(map(in_text, messages)) + NORMAL_CLOSURE)
            assert wire.close_code() in CODES

    cheaply(forgetful, talk)


frames = st.lists(
    st.binary(max_size=20)
    | st.builds(
        frame,
        st.sampled_from([TEXT, TEXT, BINARY, CONTINUATION]) | st.integers(0, 15),
        (subscribe.map(json.dumps) | st.just(INIT)).map(str.encode) | st.binary(max_size=150),
        fin=st.sampled_from([True, True, False]),
        reserved=st.sampled_from([0] * 9 + [1, 2, 4, 7]),
        masked=st.sampled_from([True] * 9 + [False]),
    ),
    max_size=10,
)


@LIMITED
@given(frames)
@example([frame(TEXT, b"\xff")])
@example([in_text(INIT), frame(TEXT, b"\xff")])
@example([frame(TEXT, b"\xff", fin=False), frame(CONTINUATION, b"")])
@example([frame(TEXT, b"a" * 2_000_000)])
@example([frame(TEXT, b"", fin=False), *[frame(CONTINUATION, b"", fin=False)] * 5_000])
@example([frame(PING, b"x" * 126)])
@example([frame(CLOSE, b"x")])
@example([frame(CLOSE, struct.pack("!H", 999))])
@example([struct.pack("!BBQ", 0x81, 0xFF, 2**63 - 1) + b"mask"])
def test_any_frames_end_with_a_code_or_with_the_line(forgetful: Running, frames: list[bytes]):
    def talk() -> None:
        with Wire(forgetful.port) as wire:
            wire.say(b"".join(frames))
            wire.say_no_more()
            # Who ends his half without a close frame need not get one.
            assert wire.close_code() in {None, *CODES}

    cheaply(forgetful, talk)
