"""Erasure: a patient leaves. What is not of the record goes; what is stays, and he is told why.

The record is kept for 20 years from its last entry (Lei 13.787/2018, art. 6), with whose it is, for
that is what the law obliges the clinic to (LGPD, art. 16 I). All else was kept for the account's
sake alone, and is removed at once (LGPD, arts. 16 and 18 VI).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from domain import exports, holds, lapses, patients, scheduling, second_factor, sessions, shares
from domain.accounts import Account, Language
from domain.auth import EraseAccount, Role, Viewer, as_patient, permit
from domain.errors import WrongStatus
from domain.mail import MailKind, Named, mail
from domain.patients import TIME_ZONE, Extent, Patient
from domain.second_factor import OneTimeCodes
from domain.unit_of_work import UnitOfWork

_WHY = "Conta encerrada pelo paciente."  # of each appointment that is called off
_NOBODYS_HASH = "erased"  # no password has it
_NO_NAME, _NO_CPF = "", ""
_RECORD = (
    "Lei 13.787/2018, art. 6: a patient's record is kept for 20 years from its last entry; LGPD,"
    " art. 16 I: what a law obliges to keep is not erased."
)
_IDENTITY = (
    "A record must be known to be somebody's (CFM 1.638/2002, art. 5); this goes when the record"
    " does."
)
_LOG = (
    "Whoever saw the record has to be known for as long as it is kept (LGPD, arts. 6 X and 37)."
    " It holds ids."
)
_WHY_SEEN = (
    "By what right a record was seen, or was to be, has to be known for as long as it is kept"
    " (LGPD, arts. 6 X and 37). What doctors wrote there is encrypted."
)
_REVIEWS = "They name nobody, and are part of what others rely on (LGPD, art. 12)."


class Removed(StrEnum):
    EMAIL = "EMAIL"
    PASSWORD = "PASSWORD"  # noqa: S105  # a kind, no password
    SESSIONS = "SESSIONS"
    SECOND_FACTOR = "SECOND_FACTOR"
    PASSKEYS = "PASSKEYS"
    MAILED_LINKS = "MAILED_LINKS"
    PENDING_MAIL = "PENDING_MAIL"
    HELD_SLOTS = "HELD_SLOTS"
    DEVICE_CHECKS = "DEVICE_CHECKS"
    IN_PERSON_REQUESTS = "IN_PERSON_REQUESTS"
    FUTURE_APPOINTMENTS = "FUTURE_APPOINTMENTS"
    SHARES = "SHARES"
    EXPORTS = "EXPORTS"
    CALENDAR_FEED = "CALENDAR_FEED"
    IDENTITY = "IDENTITY"


class Kept(StrEnum):
    IDENTITY = "IDENTITY"
    APPOINTMENTS = "APPOINTMENTS"
    DOCUMENTS = "DOCUMENTS"
    VISIT_NOTES = "VISIT_NOTES"
    SHARES = "SHARES"  # that have ended, by the erasure too
    ACCESS_REQUESTS = "ACCESS_REQUESTS"
    EMERGENCY_ACCESSES = "EMERGENCY_ACCESSES"
    ACCESS_LOG = "ACCESS_LOG"
    REVIEWS = "REVIEWS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """`until`: the first day on which it may go; None for what is nobody's any more."""

    what: Kept
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    removed: Sequence[Removed]
    kept: Sequence[Remains]


async def erase(
    work: UnitOfWork, viewer: Viewer, otp: str | None, codes: OneTimeCodes, *, at: datetime
) -> Report:
    """For a patient who has just given his password again. Nobody signs in with the account any
    more; with the CPF one may register anew, and has nothing of the record then.

    Raises Forbidden, MfaRequired, InvalidCredentials, or WrongStatus during an appointment.
    """
    patient_id = as_patient(viewer)
    permit(work, viewer, EraseAccount(patient_id=patient_id))
    await work.lock(patient_id)
    patient, account = await patients.find(work, patient_id)
    await second_factor.prove(work, account, otp, codes, at=at)
    found = {
        **await _call_off(work, viewer, at=at),
        Removed.SHARES: await _revoke(work, viewer),
        Removed.DEVICE_CHECKS: await work.device_checks.remove_all(patient_id) > 0,
        Removed.IN_PERSON_REQUESTS: await work.in_person_requests.remove_all(patient_id) > 0,
        Removed.EXPORTS: await exports.remove_all(work, patient_id),
        Removed.CALENDAR_FEED: await work.calendar_feeds.remove(account.id),
        **await _shut(work, account, at=at),
    }
    record = await work.patients.record_of(patient_id, at=at)
    nothing = record.last_entry_at is None
    found[Removed.IDENTITY] = nothing
    await work.patients.save(_erased(patient, at, nothing=nothing))
    named, language = Named(crm=None), account.language
    farewell = mail(MailKind.ACCOUNT_ERASED, account.email, named, language=language)
    await work.outbox.add(farewell, at=at)
    removed = [what for what in Removed if found.get(what, True)]
    return Report(removed=removed, kept=_kept(record, work.limits.record_years))


async def _call_off(work: UnitOfWork, viewer: Viewer, *, at: datetime) -> dict[Removed, bool]:
    """What is to come, and what is held. All locks are taken first, in their order."""
    patient_id = as_patient(viewer)
    active = await work.appointments.active(patient_id)
    for appointment in sorted(active, key=lambda each: each.id):
        await work.lock(appointment.id)
    active = await work.appointments.active(patient_id)  # they may have ended as we waited
    held = await work.slots.held_by(patient_id, at=at)
    await lapses.settled(work, {each.slot_id for each in active} | {s.id for s in held}, at=at)
    active = await work.appointments.active(patient_id)
    if any(each.starts_at <= at < each.ends_at for each in active):
        raise WrongStatus("An appointment of yours is going on; do this when it is over.")
    to_come = [each for each in active if each.starts_at > at]
    for each in to_come:
        await scheduling.cancel(work, viewer, each.id, justification=_WHY, version_seen=None, at=at)
    for slot in held:
        await holds.release(work, viewer, slot.id, at=at)
    return {Removed.FUTURE_APPOINTMENTS: bool(to_come), Removed.HELD_SLOTS: bool(held)}


async def _revoke(work: UnitOfWork, viewer: Viewer) -> bool:
    active = await work.shares.active(as_patient(viewer))
    for share in active:
        await shares.revoke(work, viewer, share.id)
    return bool(active)


async def _shut(work: UnitOfWork, account: Account, *, at: datetime) -> dict[Removed, bool]:
    """Nobody gets in, and nobody is written to, but for one last piece of mail."""
    owner = Viewer(user_id=account.id, role=Role.PATIENT)
    await sessions.end_others(work, owner, at=at)  # all of them
    await work.sessions.forget_whence(account.id)
    passkeys = await work.passkeys.of(account.id)
    for passkey in passkeys:
        await work.passkeys.remove(passkey.id)
    factor = await work.second_factors.lock(account.id)
    if factor is not None:
        await work.second_factors.remove(account.id)
    links = await work.links.remove_all(account.id)
    waiting = await work.outbox.forget_all_to(account.email)
    nobody = f"erased:{secrets.token_hex(16)}"  # no address, and nobody can ask for mail to it
    await work.accounts.save(
        replace(
            account,
            email=nobody,
            password_hash=_NOBODYS_HASH,
            confirmed_at=None,
            language=Language.PORTUGUESE,
        )
    )
    return {
        Removed.PASSKEYS: bool(passkeys),
        Removed.SECOND_FACTOR: factor is not None,
        Removed.MAILED_LINKS: links > 0,
        Removed.PENDING_MAIL: waiting > 0,
    }


def _erased(patient: Patient, at: datetime, *, nothing: bool) -> Patient:
    """With an empty record there is nothing that has to be somebody's."""
    patient = replace(patient, time_zone=TIME_ZONE)
    if nothing:
        return replace(patient, erased_at=at, name=_NO_NAME, cpf=_NO_CPF, birth_date=None)
    return replace(patient, erased_at=at)


def _kept(record: Extent, years: int) -> Sequence[Remains]:
    last = record.last_entry_at
    until = None if last is None else _years_later(last.date(), years)
    there = {
        Kept.IDENTITY: (last is not None, _IDENTITY, until),
        Kept.APPOINTMENTS: (record.appointments > 0, _RECORD, until),
        Kept.DOCUMENTS: (record.documents > 0, _RECORD, until),
        Kept.VISIT_NOTES: (record.notes > 0, _RECORD, until),
        Kept.SHARES: (record.shares > 0, _WHY_SEEN, until),
        Kept.ACCESS_REQUESTS: (record.access_requests > 0, _WHY_SEEN, until),
        Kept.EMERGENCY_ACCESSES: (record.emergencies > 0, _WHY_SEEN, until),
        Kept.ACCESS_LOG: (True, _LOG, until),
        Kept.REVIEWS: (record.reviews > 0, _REVIEWS, None),
    }
    return [
        Remains(what=what, reason=reason, until=until)
        for what, (is_there, reason, until) in there.items()
        if is_there
    ]


def _years_later(day: date, years: int) -> date:
    """Of 29 February in a year without one, the day after."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
