"""The demo clinic: some 2,000 doctors in all of Brazil, their agendas and half a year behind them.

`made_up` needs no database. The same day (Brasília's) gives the same rows, ids included; only
requests that still wait for their answer are dated by the hour.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from domain.accounts import Account
from domain.appointments import Appointment
from domain.auth import Role
from domain.doctors import Doctor
from domain.ids import DoctorId, PatientId, UserId
from domain.patients import Patient
from domain.reviews import Review
from domain.slots import Slot
from embedded import roster
from embedded.agendas import Agenda, agenda, every_day
from embedded.visits import Visits

_SEED = 2026
WORKED = range(1, 121)  # days ago
_LOADS = (0.85, 0.8, 0.72, 0.78, 0.66, 0.35, 0.12)  # from Monday on
_GIVEN_UP = 0.003  # share of the open slots that somebody had and gave back
_FULL, _BUSY = 0.025, 0.1  # how many doctors have no time left; these and those with little


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """In the order in which one refers to the other."""

    accounts: list[Account]
    doctors: list[Doctor]
    patients: list[Patient]
    slots: list[Slot]
    appointments: list[Appointment]
    reviews: list[Review]


def made_up(
    *, at: datetime, password_hash: str, advance: Callable[[int], None] = lambda _: None
) -> Demo:
    """`at`: the present. All have the one password. `advance` is told of each doctor done."""
    rng = Random(_SEED)  # noqa: S311  # the same everywhere, not unguessable
    visits = Visits(rng, at=at)
    doctors = roster.doctors(rng, visits.midnight)
    patients = roster.patients(rng, visits.midnight)
    agendas = _agendas(rng, doctors)
    for doctor in doctors:
        visits.publish(doctor.id, agendas[doctor.id])
    _cast(visits, doctors, patients, agendas)
    extras = [patient.id for patient in patients[2:]]  # Ana and Bruno have played their parts
    for number, doctor in enumerate(doctors):
        named = number < 2  # noqa: PLR2004  # Helena and Rafael
        _fill(rng, visits, doctor.id, extras, much_time=named)
        _visit(rng, visits, doctor.id, agendas[doctor.id], extras, liked=named)
        if named:
            _work(rng, visits, doctor.id, agendas[doctor.id], extras)
        advance(1)
    return Demo(
        accounts=_accounts(doctors, patients, password_hash),
        doctors=_rated(doctors, visits.reviews),
        patients=patients,
        slots=visits.slots,
        appointments=visits.appointments,
        reviews=visits.reviews,
    )


def _agendas(rng: Random, doctors: list[Doctor]) -> dict[DoctorId, Agenda]:
    """Helena and Rafael work every day: there is a tomorrow to book, whatever day it is."""
    zones = {doctor.id: ZoneInfo(doctor.time_zone) for doctor in doctors}
    agendas = {id: agenda(rng, zone) for id, zone in zones.items()}
    helena, rafael = (doctor.id for doctor in doctors[:2])
    agendas[helena] = every_day(zones[helena], 20, (7, 12), (13, 19))
    agendas[rafael] = every_day(zones[rafael], 30, (9, 12), (14, 17))
    return agendas


def _cast(
    visits: Visits, doctors: list[Doctor], patients: list[Patient], agendas: dict[DoctorId, Agenda]
) -> None:
    """What Ana and Bruno find when they sign in, and so do their doctors."""
    helena, rafael, third, fourth = (doctor.id for doctor in doctors[:4])

    def ahead(doctor_id: DoctorId, patient_id: PatientId, share: float) -> int:
        """A free slot from this share of the doctor's published future on."""
        numbers = visits.ahead[doctor_id]
        later = numbers[int(len(numbers) * share) :]
        return next(n for n in later if visits.is_open(n) and visits.is_free(patient_id, n))

    def behind(doctor_id: DoctorId, patient_id: PatientId, days: range) -> int:
        numbers = visits.past_slots(doctor_id, agendas[doctor_id], 20, behind=days)
        return next(n for n in numbers if visits.is_free(patient_id, n))

    for patient, later in ((patients[0].id, 0.0), (patients[1].id, 0.02)):
        for doctor, share in ((helena, 0.01), (rafael, 0.1), (third, 0.3), (helena, 0.5)):
            visits.confirm(ahead(doctor, patient, share + later), patient)
        for doctor, share in ((helena, 0.05), (rafael, 0.15), (fourth, 0.2)):
            visits.await_answer(ahead(doctor, patient, share + later), patient)
        visits.cancel(ahead(rafael, patient, 0.4 + later), patient)
        for doctor in (helena, rafael):  # not yet reviewed
            visits.complete(behind(doctor, patient, range(2, 12)), patient)
        for doctor in (helena, rafael, third, fourth):
            completed = visits.complete(behind(doctor, patient, range(15, 170)), patient)
            visits.review(completed, agendas[doctor].zone, dislike=0)
        visits.decline(behind(third, patient, range(20, 90)), patient)
        visits.expire(behind(helena, patient, range(20, 90)), patient)
        visits.miss(behind(fourth, patient, range(20, 90)), patient)


def _fill(
    rng: Random, visits: Visits, doctor_id: DoctorId, patients: list[PatientId], *, much_time: bool
) -> None:
    """Books part of a doctor's future: most have much time left, some little, a few none."""
    luck = 1.0 if much_time else rng.random()
    load = 1.0 if luck < _FULL else rng.uniform(0.15, 0.4) if luck < _BUSY else rng.random() / 20
    for number in visits.ahead[doctor_id]:
        if not visits.is_open(number):
            continue
        if rng.random() < load:
            act = rng.choices((visits.confirm, visits.await_answer), (97, 3))[0]
        elif rng.random() < _GIVEN_UP:
            act = rng.choice((visits.cancel, visits.cancel, visits.decline))
        else:
            continue
        act(number, visits.somebody(patients, number))


def _visit(
    rng: Random,
    visits: Visits,
    doctor_id: DoctorId,
    agenda: Agenda,
    patients: list[PatientId],
    *,
    liked: bool,
) -> None:
    """Half a year of visits, with 0 to 60 reviews, and what did not come to a visit."""
    reviews = 48 if liked else int(61 * rng.betavariate(0.75, 2.9))
    others = rng.randrange(4) + reviews // 4
    dislike = 0.05 if liked else rng.random() ** 2
    endings = (visits.complete, visits.cancel, visits.decline, visits.expire, visits.miss)
    for turn, number in enumerate(visits.past_slots(doctor_id, agenda, reviews + others)):
        patient = visits.somebody(patients, number)
        if turn < reviews:
            visits.review(visits.complete(number, patient), agenda.zone, dislike=dislike)
        else:
            rng.choices(endings, (50, 22, 10, 8, 10))[0](number, patient)


def _work(
    rng: Random, visits: Visits, doctor_id: DoctorId, agenda: Agenda, patients: list[PatientId]
) -> None:
    """Months of whole days, so that statistics have something to tell: each weekday has its load,
    and there was less of it in the beginning.
    """
    endings = (visits.complete, visits.cancel, visits.decline, visits.expire, visits.miss)
    for number in visits.past_days(doctor_id, agenda, WORKED):
        starts_at = visits.slots[number].starts_at
        grown = 1 - (visits.midnight - starts_at).days / (3 * len(WORKED))
        if rng.random() < _LOADS[starts_at.astimezone(agenda.zone).weekday()] * grown:
            patient = visits.somebody(patients, number)
            rng.choices(endings, (82, 9, 3, 2, 4))[0](number, patient)


def _accounts(doctors: list[Doctor], patients: list[Patient], password_hash: str) -> list[Account]:
    people = [(Role.DOCTOR, UserId(who.id), who.created_at) for who in doctors]
    people += [(Role.PATIENT, UserId(who.id), who.created_at) for who in patients]
    return [
        Account(
            id=id,
            role=role,
            email=email,
            password_hash=password_hash,
            created_at=created_at,
            confirmed_at=created_at,
        )
        for (role, id, created_at), email in zip(
            people, roster.emails(doctors, patients), strict=True
        )
    ]


def _rated(doctors: list[Doctor], reviews: list[Review]) -> list[Doctor]:
    count: Counter[DoctorId] = Counter()
    total: Counter[DoctorId] = Counter()
    for review in reviews:
        count[review.doctor_id] += 1
        total[review.doctor_id] += review.stars
    return [replace(who, rating_count=count[who.id], rating_sum=total[who.id]) for who in doctors]
