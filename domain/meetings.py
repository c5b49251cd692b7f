"""Where doctor and patient meet: the port behind which a provider of video calls is.

A meeting is made at the first join, never at booking. What a provider gives away lets in whoever
has it, so it is made for one side, at the moment of its join, and told to nobody else.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.appointments import AppointmentParty
from domain.ids import ConsultationId


class ConsultationProvider(StrEnum):
    PEER = "PEER"  # between the two browsers, which we only introduce
    CHIME = "CHIME"  # Amazon Chime SDK


class MeetingUnreachable(Exception):
    """The provider does not answer, or has failed. Nothing is known to be lost; try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What one side's browser needs to enter. `credentials` is JSON, as GraphQL shows it."""

    credentials: str
    expires_at: datetime


class MeetingProvider(Protocol):
    @property
    def kind(self) -> ConsultationProvider: ...

    async def open(self, id: ConsultationId, meeting: str | None, /) -> str | None:
        """The meeting of this consultation, as it is kept with it: made now if there is none, or
        if the one that was kept (`meeting`) is no more. None where a provider keeps none.

        Two who open at once are given the same. Raises MeetingUnreachable.
        """
        ...

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
        """Whoever was admitted before may be again. `until`: when the consultation closes.

        Raises MeetingUnreachable.
        """
        ...

    async def end(self, id: ConsultationId, meeting: str, /) -> None:
        """Puts out whoever is in. Ended twice is ended once. Raises MeetingUnreachable."""
        ...
