"""Checks: what a registry could not answer when somebody joined is asked again. Several processes
may do so at once.

A number is put off, and that committed, before it is asked about: so nobody else asks, and whoever
dies meanwhile leaves it to be due again.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias

from domain import doctors, patients
from domain.doctors import CrmRegistry, Doctor
from domain.ids import DoctorId, PatientId
from domain.patients import CpfRegistry, Patient
from domain.registrations import CPF, CRM
from domain.registries import RegistryUnreachable
from domain.unit_of_work import Act, UnitOfWork

log = logging.getLogger(__name__)

AT_ONCE = 10
Bearer: TypeAlias = Doctor | Patient


class Checks:
    def __init__(
        self, act: Act, cpfs: CpfRegistry, crms: CrmRegistry, now: Callable[[], datetime]
    ) -> None:
        self._act, self._cpfs, self._crms, self._now = act, cpfs, crms, now

    async def ask_due(self) -> int:
        """About some of the numbers that are due. Returns how many were answered."""
        answered = 0
        for bearer in await self._act(lambda work: claim(work, at=self._now())):
            try:
                await self._ask(bearer)
            except RegistryUnreachable as fault:
                log.warning("the number of %s is asked about again later: %s", bearer.id, fault)
            else:
                answered += 1
        return answered

    async def _ask(self, bearer: Bearer) -> None:
        if isinstance(bearer, Doctor):
            status = await self._crms.look_up(CRM(bearer.crm, bearer.uf))
            await self._act(partial(doctors.check, id=bearer.id, status=status))
        else:
            standing = await self._cpfs.look_up(CPF(bearer.cpf))
            await self._act(partial(patients.check, id=bearer.id, standing=standing))


async def claim(work: UnitOfWork, *, at: datetime) -> Sequence[Bearer]:
    """Of the numbers that are due, at most AT_ONCE; nobody else is given them soon."""
    bearers: list[Bearer] = []
    for number in await work.unchecked_numbers.lock_due(at=at, limit=AT_ONCE):
        await work.unchecked_numbers.save(number.put_off(work.limits, at=at))
        bearer = await work.doctors.get(DoctorId(number.id)) or await work.patients.get(
            PatientId(number.id)
        )
        if bearer is not None:
            bearers.append(bearer)
    return bearers
