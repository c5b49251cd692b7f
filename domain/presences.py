"""Who is in a waiting room, or in the consultation behind it, at this moment.

Whoever listens is there. Each process holds a lease for each of its own, by the database's time,
and renews it; so both sides see who has come or gone, whichever process holds the other's line, and
also when that process dies.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

from domain.appointments import AppointmentParty
from domain.events import PresenceChanged
from domain.ids import AppointmentId, PatientId
from domain.unit_of_work import Act, UnitOfWork

log = logging.getLogger(__name__)

RENEW = 0.8  # seconds: a third of a lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One side of an appointment's waiting room."""

    appointment_id: AppointmentId
    patient_id: PatientId
    party: AppointmentParty


class Presences(Protocol):
    async def hold(
        self, process: UUID, seats: Collection[Seat], lasts: timedelta, /
    ) -> Sequence[Seat]:
        """Returns those that were not held by this process."""
        ...

    async def let_go(self, process: UUID, seats: Collection[Seat], /) -> Sequence[Seat]:
        """Returns those that were held."""
        ...

    async def expire(self) -> Sequence[Seat]:
        """Those that nobody has renewed; they are held no more."""
        ...


class WaitingRooms:
    """Those who listen in this process."""

    def __init__(self, act: Act, lease: timedelta) -> None:
        self._act, self._lease, self._process = act, lease, uuid4()
        self._here: Counter[Seat] = Counter()
        self._left: set[Seat] = set()
        self._news = asyncio.Event()

    def enter(self, seat: Seat) -> None:
        """Once for each line."""
        self._here[seat] += 1
        self._left.discard(seat)
        self._news.set()

    def leave(self, seat: Seat) -> None:
        self._here[seat] -= 1
        if self._here[seat] <= 0:
            del self._here[seat]
            self._left.add(seat)
            self._news.set()

    async def run(self) -> None:
        """For ever, whatever happens to the database."""
        while True:
            try:
                await self.keep()
            except Exception:
                log.exception("presences could not be told and will be again")
                await asyncio.sleep(RENEW)
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW):
                    await self._news.wait()

    async def keep(self) -> None:
        """Renew what is ours, and tell who has come and gone, of processes that died, too."""
        self._news.clear()
        here, left = tuple(self._here), tuple(self._left)

        async def tell(work: UnitOfWork) -> None:
            changed = set(await work.presences.expire())
            if here:
                changed.update(await work.presences.hold(self._process, here, self._lease))
            if left:
                changed.update(await work.presences.let_go(self._process, left))
            for id, patient_id in {(seat.appointment_id, seat.patient_id) for seat in changed}:
                work.publish(PresenceChanged(patient_id=patient_id, appointment_id=id))

        await self._act(tell)
        self._left.difference_update(left)

    async def close(self) -> None:
        """Nobody is here any more."""
        self._left.update(self._here)
        self._here.clear()
        with suppress(Exception):  # then the leases end by themselves
            await self.keep()
