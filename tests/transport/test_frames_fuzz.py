"""RFC 6455 from the wire, as Autobahn's test suite goes through it, and any bytes that Hypothesis
thinks of, against the sans-I/O protocol of `websockets`.
"""

import asyncio
import itertools
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from tests.judges.wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame
from tests.transport.conftest import Network, frames_of, until
from transport.frames import PIECES_MOST, text_frame
from transport.line import FRAMES_AT_ONCE, Line

MOST = 70_000
KAPPA = "κόσμε-🩺"  # letters of two, three and four bytes
CUT = KAPPA.encode()


@dataclass
class Listener:
    """`heard`: texts; None for a binary message."""

    heard: list[str | None] = field(default_factory=list)
    lost_times: int = 0

    def hear(self, text: str | None) -> None:
        self.heard.append(text)

    def resumed(self) -> None: ...

    def lost(self) -> None:
        self.lost_times += 1


class Spoken:
    """To a line, in these pieces; what it made of them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.network, self.ear = Network(), Listener()
        self.line = Line(self.network, set(), most=MOST)
        self.line.lead_to(self.ear)
        self.pieces = pieces

    async def over(self) -> "Spoken":
        for piece in self.pieces:
            self.line.data_received(piece)
            while self.network.unread:  # noqa: ASYNC110  # others have their turn, without an event
                await asyncio.sleep(0)
        return self

    def end(self) -> None:
        self.line.connection_lost(None)

    @property
    def answers(self) -> list[tuple[int, bytes]]:
        return list(frames_of(b"".join(self.network.sent)))

    @property
    def code(self) -> int | None:
        """Of the close frame; 1005 without one, None while it is open."""
        for opcode, body in self.answers:
            if opcode == CLOSE:
                return int.from_bytes(body[:2]) if body else 1005
        return None


async def spoken(*pieces: bytes) -> Spoken:
    it = await Spoken(pieces).over()
    it.end()
    return it


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def in_pieces(text: bytes, at: Sequence[int]) -> list[bytes]:
    cuts = [0, *at, len(text)]
    return [text[start:end] for start, end in itertools.pairwise(cuts)]


def message(pieces: Sequence[bytes], opcode: int = TEXT) -> list[bytes]:
    """Its frames."""
    last = len(pieces) - 1
    return [
        frame(opcode if n == 0 else CONTINUATION, piece, fin=n == last)
        for n, piece in enumerate(pieces)
    ]


# ------------------------------------------------------------ 1, 5: messages and their pieces


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65_535, 65_536, MOST])
async def test_a_text_of_any_size_is_heard(size):
    it = await spoken(frame(TEXT, b"*" * size))
    assert it.ear.heard == ["*" * size]
    assert it.code is None


@pytest.mark.parametrize("size", [0, 125, 126, 65_536])
async def test_a_binary_message_is_told_apart(size):
    assert (await spoken(frame(BINARY, b"\xff" * size))).ear.heard == [None]


@pytest.mark.parametrize("at", [(), (1,), (3, 3), (0, 7, 7, 12)])
async def test_a_message_in_pieces_is_one_whatever_comes_in_between(at):
    frames = message(in_pieces(CUT, at))
    between = frame(PING, b"hello") + frame(PONG, b"")

    it = await spoken(between.join(frames) + frame(PING, b"last"))

    assert it.ear.heard == [KAPPA]
    assert it.answers == [(PONG, b"last")]  # 5.5.3: of several that came at once the latest


async def test_a_message_comes_byte_by_byte():
    wire = b"".join(message(in_pieces(CUT, (2, 5)))) + frame(PING, b"!")
    it = await spoken(*(wire[n : n + 1] for n in range(len(wire))))
    assert (it.ear.heard, it.answers) == ([KAPPA], [(PONG, b"!")])


async def test_who_is_idle_is_kept_in_no_memory():
    it = Spoken([frame(TEXT, b"a") + b"\x81"])
    await it.over()
    assert it.line._incoming is not None  # the first byte of the next
    it.line.data_received(frame(TEXT, b"b")[1:])
    assert it.ear.heard == ["a", "b"]
    assert it.line._incoming is None
    it.end()


@pytest.mark.parametrize("at", range(1, len(CUT)))
async def test_utf8_may_be_cut_anywhere(at):
    assert (await spoken(*message(in_pieces(CUT, (at,))))).ear.heard == [KAPPA]


@pytest.mark.parametrize("count", [PIECES_MOST, PIECES_MOST + 1])
async def test_a_message_has_so_many_pieces_at_most(count):
    it = await spoken(b"".join(message([b""] * count)))
    assert it.code == (None if count == PIECES_MOST else 1009)
    assert it.ear.heard == ([""] if count == PIECES_MOST else [])


async def test_all_its_pieces_count_for_the_size_of_a_message():
    half = b"*" * (MOST // 2)
    assert (await spoken(*message([half, half]))).code is None
    assert (await spoken(*message([half, half, b"*"]))).code == 1009
    assert (await spoken(*message([half, half]), *message([half, half]))).code is None


# ------------------------------------------------------------ 2: pings and pongs


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\xff\xfe", b"x" * 125])
async def test_a_ping_is_answered_with_what_it_said(content):
    assert (await spoken(frame(PING, content))).answers == [(PONG, content)]


@pytest.mark.parametrize("content", [b"", b"unasked"])
async def test_a_pong_is_taken_and_nothing_said(content):
    assert (await spoken(frame(PONG, content))).answers == []


async def test_pings_wait_for_who_does_not_read_but_only_the_latest():
    it = Spoken([])
    it.network.full = True
    it.line.pause_writing()
    for n in range(3):
        it.line.data_received(frame(PING, b"%d" % n))
    assert it.network.unsent == []
    it.network.full = False
    it.line.resume_writing()
    assert it.answers == [(PONG, b"2")]
    it.end()


async def test_others_have_their_turn_among_any_number_of_frames():
    it = Spoken([])
    it.line.data_received(frame(TEXT, b"a") * (3 * FRAMES_AT_ONCE))
    assert len(it.ear.heard) == FRAMES_AT_ONCE
    assert it.network.unread
    await until(lambda: len(it.ear.heard) == 3 * FRAMES_AT_ONCE)
    assert not it.network.unread
    it.end()


# ------------------------------------------------------------ 3, 4, 5, 6, 9: faults


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


BAD_TEXT = [
    *(CUT[:n] for n in range(1, len(CUT)) if not is_utf8(CUT[:n])),
    b"\xff",
    b"\x80",
    b"\xc0\xaf",  # longer than it need be
    b"\xed\xa0\x80",  # half a surrogate pair
    b"\xf4\x90\x80\x80",  # beyond Unicode
    CUT + b"\xf8" + CUT,
]
FAULTS = {
    **{f"reserved bits {bits}": (frame(TEXT, b"x", reserved=bits), 1002) for bits in range(1, 8)},
    "a reserved bit of a ping": (frame(PING, b"", reserved=1), 1002),
    **{f"opcode {n}": (frame(n, b""), 1002) for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "not masked": (frame(TEXT, b"x", masked=False), 1002),
    "a ping that is not masked": (frame(PING, b"", masked=False), 1002),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "a ping in pieces": (frame(PING, b"", fin=False), 1002),
    "a pong in pieces": (frame(PONG, b"", fin=False), 1002),
    "a close in pieces": (frame(CLOSE, b"", fin=False), 1002),
    "a continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
    "a continuation of what is whole": (frame(TEXT, b"a") + frame(CONTINUATION, b"x"), 1002),
    "a text within a text": (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    "a binary within a text": (frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"), 1002),
    "a close within a text": (frame(TEXT, b"a", fin=False) + closing(1000), 1002),
    "too large": (frame(TEXT, b"x" * (MOST + 1)), 1009),
    "larger than anything": (struct.pack("!BBQ", 0x81, 0xFF, 2**63 - 1) + b"mask", 1009),
    "of the largest length": (struct.pack("!BBQ", 0x81, 0xFF, 2**64 - 1) + b"mask", 1009),
    **{f"not UTF-8: {text!r}": (frame(TEXT, text), 1007) for text in BAD_TEXT},
    "not UTF-8 in its last piece": (b"".join(message([CUT, b"\xff"])), 1007),
}


@pytest.mark.parametrize(("wire", "code"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_fails_the_connection_and_nothing_after_it_is_heard(wire, code):
    it = await spoken(frame(TEXT, b"before") + wire + frame(TEXT, b"after"), frame(PING, b""))

    assert it.ear.heard[:1] == ["before"]
    assert "after" not in it.ear.heard
    assert it.code == code
    assert [opcode for opcode, _ in it.answers] == [CLOSE]
    assert it.network.closed
    assert it.ear.lost_times == 1


# ------------------------------------------------------------ 7: closing


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 3000, 4999])
@pytest.mark.parametrize("reason", [b"", b"bye", "até".encode(), b"x" * 123])
async def test_a_close_is_answered_with_the_same_and_is_the_last_that_is_heard(code, reason):
    it = await spoken(closing(code, reason) + frame(PING, b"") + frame(TEXT, b"after"))
    assert it.answers == [(CLOSE, struct.pack("!H", code) + reason)]
    assert it.ear.heard == []
    assert it.network.closed


async def test_a_close_may_say_nothing():
    assert (await spoken(frame(CLOSE, b""))).answers == [(CLOSE, b"")]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535])
async def test_a_code_that_nobody_may_send_is_a_fault(code):
    assert (await spoken(closing(code))).code == 1002


async def test_a_close_of_one_byte_and_one_with_a_reason_that_is_no_text_are_faults():
    assert (await spoken(frame(CLOSE, b"x"))).code == 1002
    assert (await spoken(closing(1000, b"\xff"))).code == 1007


async def test_after_our_close_nothing_is_heard_but_the_answer_to_it():
    it = Spoken([])
    it.line.close(4400, "why")
    it.line.data_received(frame(TEXT, b"late") + frame(PING, b"late"))
    assert not it.network.closed
    it.line.data_received(closing(4400))
    assert it.network.closed
    assert it.answers == [(CLOSE, struct.pack("!H", 4400) + b"why")]
    assert it.ear.heard == []
    it.end()


async def test_a_client_who_shuts_his_half_is_left():
    it = Spoken([frame(TEXT, b"a", fin=False)])
    await it.over()
    assert not it.line.eof_received()  # for asyncio: to close the other half, too
    it.end()
    assert it.ear.lost_times == 1
    assert it.ear.heard == []


# ------------------------------------------------------------ any bytes at all


@dataclass
class Peer:
    """What the protocol of `websockets` makes of the same bytes."""

    heard: list[str | None] = field(default_factory=list)
    code: int | None = None
    pieces: list[bytes] = field(default_factory=list)
    opcode: Opcode = Opcode.TEXT

    def hear(self, wire: bytes) -> "Peer":
        protocol = Protocol(SERVER, state=OPEN, max_size=MOST)
        protocol.receive_data(wire)
        for event in protocol.events_received():
            assert event.opcode is not None
            if event.opcode in {Opcode.TEXT, Opcode.BINARY}:
                self.opcode, self.pieces = event.opcode, []
            if event.opcode < Opcode.CLOSE:
                self.pieces.append(bytes(event.data))
                if event.fin and not self.take():
                    return self
        if protocol.close_sent is not None:
            self.code = protocol.close_sent.code
        return self

    def take(self) -> bool:
        """False: it is no UTF-8, which that protocol leaves to others."""
        content = b"".join(self.pieces)
        if self.opcode is Opcode.TEXT and not is_utf8(content):
            self.code = 1007
            return False
        self.heard.append(content.decode() if self.opcode is Opcode.TEXT else None)
        return True


some_frame = st.builds(
    frame,
    st.sampled_from([TEXT, TEXT, BINARY, CONTINUATION, CONTINUATION, PING, PONG, CLOSE])
    | st.integers(0, 15),
    st.text(max_size=60).map(str.encode)
    | st.binary(max_size=140)
    | st.sampled_from([struct.pack("!H", 1000), struct.pack("!H", 1006), b"x" * 65_536]),
    fin=st.sampled_from([True, True, False]),
    reserved=st.sampled_from([0] * 30 + [1, 2, 4]),
    masked=st.sampled_from([True] * 30 + [False]),
)
wires = st.lists(some_frame | st.binary(max_size=12), max_size=12).map(b"".join)
whole = st.lists(
    st.builds(
        lambda text, at: b"".join(message(in_pieces(text, sorted(at)))),
        st.text(max_size=200).map(str.encode),
        st.lists(st.integers(0, 200), max_size=6),
    )
    | st.binary(max_size=125).map(lambda content: frame(PING, content)),
    max_size=20,
).map(b"".join)


async def heard_alike(wire: bytes, cuts: Sequence[int]) -> None:
    peer = Peer().hear(wire)
    it = await spoken(*in_pieces(wire, sorted(cut % (len(wire) + 1) for cut in cuts)))
    assert it.ear.heard == peer.heard
    assert it.code == peer.code


@settings(max_examples=400)
@given(wires, st.lists(st.integers(0, 2**20), max_size=8))
async def test_any_frames_are_heard_as_another_implementation_hears_them(wire, cuts):
    await heard_alike(wire, cuts)


@settings(max_examples=200)
@given(whole, st.lists(st.integers(0, 2**20), max_size=30))
async def test_any_messages_are_heard_however_the_network_cuts_them(wire, cuts):
    await heard_alike(wire, cuts)
    assert Peer().hear(wire).code is None


@given(*[st.binary(max_size=140)] * 2, st.sampled_from([b"", b"}", b"x" * 70_000]))
def test_what_goes_out_is_one_text_of_all_three(head, payload, tail):
    assert list(frames_of(text_frame(head, payload, tail))) == [(TEXT, head + payload + tail)]
