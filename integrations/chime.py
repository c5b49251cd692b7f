"""Meetings of the Amazon Chime SDK (docs/decisions/0043).

It is asked in a control region, since South America has none; what is said and shown goes through
the media region. It learns the id of a consultation and which of two sides enters, and no person.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import uuid5

import aioboto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from domain.appointments import AppointmentParty
from domain.ids import ConsultationId
from domain.meetings import ConsultationProvider, Entrance, MeetingUnreachable
from integrations.breaker import Breaker, Broken

log = logging.getLogger(__name__)
for _talkative in ("aiobotocore", "botocore"):  # at DEBUG they tell what comes: join tokens
    logging.getLogger(_talkative).setLevel(logging.INFO)

# Each operation may be asked twice: Chime knows a token, or a side, that it has seen before.
PATIENCE = Config(
    connect_timeout=2,
    read_timeout=3,
    max_pool_connections=50,
    retries={"mode": "standard", "total_max_attempts": 2},
)
_SERVICE = "chime-sdk-meetings"
_SECONDS = 8.0  # for an answer, both tries together: a trickle of bytes outlasts the read's own
_LEFT_ALONE = 5.0  # seconds: whoever wants to join tries again soon
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_FAILED = 500  # and beyond: RFC 9110, 15.6
_ATTEMPTS, _PAUSE, _PAUSE_LONGEST = 4, 0.1, 0.8  # seconds

# What is charged for as an ordinary meeting, whatever becomes the usual one.
_FEATURES = {"Video": {"MaxResolution": "HD"}, "Content": {"MaxResolution": "FHD"}}
_CAPABILITIES = dict.fromkeys(("Audio", "Video", "Content"), "SendReceive")
# What the library in the browser reads. The ARN names our account, and stays here.
_OF_MEETING = ("MeetingId", "MediaRegion", "MediaPlacement", "MeetingFeatures")
_OF_ATTENDEE = ("AttendeeId", "ExternalUserId", "JoinToken", "Capabilities")


class _Down(MeetingUnreachable):
    """It has not answered, or not as it should."""


class _Ended(MeetingUnreachable):
    """There is no such meeting, or no longer. Whoever opens it again is given another."""


class _AtOnce(MeetingUnreachable):
    """Somebody else asks just now for a meeting under the same token."""


_SAYS_NO: Mapping[str, type[MeetingUnreachable]] = {
    "NotFoundException": _Ended,
    "ConflictException": _AtOnce,
}
_PASSING = frozenset({"ConflictException", "ThrottlingException"})


class ChimeMeetings:
    """`client`: of aioboto3, for `chime-sdk-meetings`. Meetings are kept by Chime's id of them."""

    kind = ConsultationProvider.CHIME

    def __init__(self, client: Any, media_region: str) -> None:
        self._client, self._media_region = client, media_region
        self._breaker = Breaker(_Down, seconds=_LEFT_ALONE)

    async def open(self, id: ConsultationId, meeting: str | None, /) -> str:
        """A meeting ends by itself when nobody has been in it for five minutes, and its token may
        be answered with it still: so the next one has a token that follows from it. Whoever finds
        the same one ended asks for the same.
        """
        if meeting is None:
            return await self._create(id, str(id))
        try:
            await self._look_up(meeting)
        except _Ended:
            return await self._create(id, str(uuid5(id, meeting)))
        return meeting

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
        """One attendee for each side, so that who comes back takes his own place."""
        del at
        described = await self._look_up(meeting)
        made = await self._ask(
            "create_attendee",
            MeetingId=meeting,
            ExternalUserId=f"{id}-{party}",
            Capabilities=_CAPABILITIES,
        )
        credentials = {
            "Meeting": described,
            "Attendee": _part(made, "Attendee", _OF_ATTENDEE),
        }
        return Entrance(credentials=json.dumps(credentials), expires_at=until)

    async def end(self, id: ConsultationId, meeting: str, /) -> None:
        del id
        with suppress(_Ended):
            await self._ask("delete_meeting", MeetingId=meeting)

    async def _look_up(self, meeting: str | None) -> dict[str, Any]:
        answer = await self._ask("get_meeting", MeetingId=meeting)
        return _part(answer, "Meeting", _OF_MEETING)

    async def _create(self, id: ConsultationId, token: str) -> str:
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(_PAUSE, max=_PAUSE_LONGEST),
            retry=retry_if_exception_type(_AtOnce),
            reraise=True,
        ):
            with attempt:
                made = await self._ask(
                    "create_meeting",
                    ClientRequestToken=token,
                    ExternalMeetingId=str(id),
                    MediaRegion=self._media_region,
                    MeetingFeatures=_FEATURES,
                )
        return str(_part(made, "Meeting", ("MeetingId",))["MeetingId"])

    async def _ask(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Raises MeetingUnreachable, which quotes nothing that was sent or has come."""
        try:
            with self._breaker.guard():
                answer, refused = await self._answer(operation, parameters)
        except Broken:
            raise MeetingUnreachable("it has failed too often and is left alone") from None
        if refused is None:
            return answer
        kind = _SAYS_NO.get(refused, MeetingUnreachable)
        if refused in _PASSING:
            log.warning("Chime puts off %s: %s", operation, refused)
        elif kind is not _Ended:
            log.error("Chime refuses %s: %s", operation, refused)
        raise kind(refused)

    async def _answer(
        self, operation: str, parameters: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], str | None]:
        """And the code, if it was a no. Raises _Down."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await getattr(self._client, operation)(**parameters), None
        except ClientError as error:
            fault = str(error.response["Error"]["Code"])
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < _FAILED:
                return {}, fault
        except (BotoCoreError, OSError) as error:  # a TimeoutError is the last
            fault = type(error).__name__
        log.warning("Chime does not answer %s: %s", operation, fault)
        raise _Down(fault)


def _part(answer: Mapping[str, Any], name: str, members: Sequence[str]) -> dict[str, Any]:
    """Raises MeetingUnreachable if the first of `members`, by which it is known, is not there."""
    given = answer.get(name, {})
    if members[0] not in given:
        raise MeetingUnreachable(f"an answer without {name}")
    return {member: given[member] for member in members if member in given}


@asynccontextmanager
async def connected(
    *, region: str, media_region: str, endpoint_url: str | None = None
) -> AsyncGenerator[ChimeMeetings]:
    """Credentials are those of AWS's own environment. Raises ValueError where nothing can be."""
    asked_in = botocore.session.get_session().get_available_regions(_SERVICE)
    if endpoint_url is None and region not in asked_in:
        raise ValueError(f"Chime is asked in {', '.join(asked_in)}, not in {region!r}.")
    if not _REGION.fullmatch(media_region):
        raise ValueError(f"{media_region!r} is no region of AWS.")
    async with aioboto3.Session().client(
        _SERVICE, region_name=region, endpoint_url=endpoint_url, config=PATIENCE
    ) as client:
        yield ChimeMeetings(client, media_region)
