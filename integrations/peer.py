"""Meetings between the two browsers, which we introduce and which nobody else takes part in.

Each side is told which ICE servers help it through firewalls. A TURN server lets in whoever can
show what we have signed, for a time, with the secret that it shares with us
(draft-uberti-behave-turn-rest-00, section 2.2).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.appointments import AppointmentParty
from domain.ids import ConsultationId
from domain.meetings import ConsultationProvider, Entrance

_SCHEMES = {"stun": ("stun:", "stuns:"), "turn": ("turn:", "turns:")}


class PeerMeetings:
    kind = ConsultationProvider.PEER

    def __init__(
        self, stun_urls: Sequence[str] = (), turn_urls: Sequence[str] = (), turn_secret: str = ""
    ) -> None:
        """Raises ValueError for what no browser could use."""
        for kind, urls in (("stun", stun_urls), ("turn", turn_urls)):
            if not all(url.startswith(_SCHEMES[kind]) for url in urls):
                raise ValueError(f"an address begins with {' or '.join(_SCHEMES[kind])}")
        if turn_urls and not turn_secret:
            raise ValueError("a TURN server needs the secret that it shares with us")
        self._stun, self._turn = list(stun_urls), list(turn_urls)
        self._secret = turn_secret.encode()

    async def open(self, id: ConsultationId, meeting: str | None, /) -> str | None:
        del id, meeting
        return None

    async def admit(
        self,
        id: ConsultationId,
        meeting: str | None,
        party: AppointmentParty,
        /,
        *,
        at: datetime,
        until: datetime,
    ) -> Entrance:
        """`credentials`: {"iceServers": […]}, as RTCPeerConnection takes it."""
        del meeting, at
        servers: list[dict[str, Any]] = []
        if self._stun:
            servers.append({"urls": self._stun})
        if self._turn:
            # A user for the TURN server's own log: which consultation and side, and no person.
            username = f"{int(until.timestamp())}:{id.hex}-{party.value.lower()}"
            servers.append(
                {"urls": self._turn, "username": username, "credential": self._sign(username)}
            )
        return Entrance(credentials=json.dumps({"iceServers": servers}), expires_at=until)

    async def end(self, id: ConsultationId, meeting: str, /) -> None:
        """It is the browsers' own."""

    def _sign(self, username: str) -> str:
        signed = hmac.new(self._secret, username.encode(), hashlib.sha1)  # the draft's
        return base64.b64encode(signed.digest()).decode()
