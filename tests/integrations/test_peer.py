"""What browsers are told that meet without anybody between them."""

import base64
import hashlib
import hmac
import json
from uuid import UUID

import pytest

from domain.appointments import AppointmentParty
from domain.ids import ConsultationId
from integrations.peer import PeerMeetings
from tests.make import NOW, TOMORROW

ID = ConsultationId(UUID(int=7))
STUN, TURN = "stun:stun.example.com", "turns:turn.example.com:443?transport=tcp"


async def servers(peers: PeerMeetings, party: AppointmentParty = AppointmentParty.DOCTOR) -> list:
    assert await peers.open(ID, None) is None
    entrance = await peers.admit(ID, None, party, at=NOW, until=TOMORROW)
    assert entrance.expires_at == TOMORROW
    return json.loads(entrance.credentials)["iceServers"]


async def test_on_one_machine_no_server_is_needed():
    assert await servers(PeerMeetings()) == []


async def test_a_turn_server_lets_in_whoever_shows_what_was_signed_until_it_closes():
    given = await servers(PeerMeetings([STUN], [TURN], "a secret"))

    stun, turn = given
    assert stun == {"urls": [STUN]}
    assert turn["urls"] == [TURN]
    expires, _, user = turn["username"].partition(":")
    assert int(expires) == TOMORROW.timestamp()
    assert user == f"{ID.hex}-doctor"
    signed = hmac.new(b"a secret", turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == signed


async def test_each_side_has_its_own():
    peers = PeerMeetings([], [TURN], "a secret")
    [doctors], [patients] = [await servers(peers, party) for party in list(AppointmentParty)[:2]]

    assert doctors["username"] != patients["username"]
    assert doctors["credential"] != patients["credential"]


@pytest.mark.parametrize(
    ("stun", "turn", "secret"),
    [([TURN], [], ""), (["http://stun"], [], ""), ([], [STUN], "s"), ([], [TURN], "")],
)
def test_what_no_browser_could_use_is_refused_at_the_start(stun: list, turn: list, secret: str):
    with pytest.raises(ValueError, match=r"begins with|secret"):
        PeerMeetings(stun, turn, secret)
