"""Who is in the demo clinic: doctors all over Brazil, patients, four accounts to sign in with."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from math import cos, pi, radians, sin, sqrt
from random import Random

from domain.doctors import Doctor, DoctorStatus
from domain.ids import DoctorId, PatientId
from domain.patients import Patient
from domain.registrations import UF
from domain.specialties import SPECIALTIES
from embedded import people
from embedded.cities import CITIES, City
from embedded.visits import id_at

DOCTORS, PATIENTS = 2000, 600

_CITY_LEAST, _SPECIALTY_LEAST = 2, 6  # doctors whom each of them has at least
_KM_PER_DEGREE = 111.2
_REGISTERED_DAYS_AGO = (220, 900)  # before the first of their visits was asked for
_BORN_FROM, _BORN_WITHIN_DAYS = date(1938, 1, 1), 25_000
_DOCTORS_EMAILS = ("helena@example.com", "rafael@example.com")
_PATIENTS_EMAILS = ("ana@example.com", "bruno@example.com")
_NAMED_CPFS = ("52998224725", "11144477735")
COMMON = {
    "clinica-medica": 30,
    "pediatria": 22,
    "ginecologia-e-obstetricia": 20,
    "cardiologia": 16,
    "medicina-de-familia-e-comunidade": 14,
    "psiquiatria": 14,
    "dermatologia": 12,
    "ortopedia-e-traumatologia": 12,
    "oftalmologia": 10,
    "cirurgia-geral": 8,
    "endocrinologia-e-metabologia": 8,
    "neurologia": 8,
    "anestesiologia": 6,
    "gastroenterologia": 6,
    "otorrinolaringologia": 6,
    "urologia": 6,
    "geriatria": 4,
    "pneumologia": 4,
    "reumatologia": 4,
}


def doctors(rng: Random, midnight: datetime) -> list[Doctor]:
    """Helena of São Paulo and Rafael of Rio de Janeiro come first."""
    made = [
        _doctor(rng, midnight, city, name=people.name(rng), crm=crm, specialties=(main, *others))
        for city, main, others, crm in zip(
            _cities(rng),
            _specialties(rng),
            _seconds(rng),
            people.crm_numbers(rng, DOCTORS),
            strict=True,
        )
    ]
    towns = {city.name: city for city in CITIES}
    made[0] = _doctor(
        rng,
        midnight,
        towns["São Paulo"],
        name="Helena Prado Siqueira",
        crm="123456",
        specialties=("cardiologia", "clinica-medica"),
    )
    made[1] = _doctor(
        rng,
        midnight,
        towns["Rio de Janeiro"],
        name="Rafael Monteiro Vaz",
        crm="654321",
        specialties=("dermatologia",),
    )
    return made


def _doctor(
    rng: Random,
    midnight: datetime,
    city: City,
    *,
    name: str,
    crm: str,
    specialties: tuple[str, ...],
) -> Doctor:
    created_at = midnight - timedelta(days=rng.uniform(*_REGISTERED_DAYS_AGO))
    latitude, longitude = _near(rng, city)
    return Doctor(
        id=DoctorId(id_at(rng, created_at)),
        name=name,
        crm=crm,
        uf=UF(city.uf),
        status=DoctorStatus.VERIFIED,
        specialties=tuple(dict.fromkeys(specialties)),
        time_zone=city.time_zone,
        city=city.name,
        latitude=latitude,
        longitude=longitude,
        created_at=created_at,
    )


def _cities(rng: Random) -> list[City]:
    rest = DOCTORS - _CITY_LEAST * len(CITIES)
    cities = [*CITIES * _CITY_LEAST, *rng.choices(CITIES, [city.people for city in CITIES], k=rest)]
    rng.shuffle(cities)
    return cities


def _specialties(rng: Random) -> list[str]:
    least = list(SPECIALTIES) * _SPECIALTY_LEAST
    codes = [*least, *_by_frequency(rng, DOCTORS - len(least))]
    rng.shuffle(codes)
    return codes


def _seconds(rng: Random) -> list[list[str]]:
    """A third of the doctors have one more."""
    return [_by_frequency(rng, rng.choice((0, 0, 1))) for _ in range(DOCTORS)]


def _by_frequency(rng: Random, count: int) -> list[str]:
    return rng.choices(list(SPECIALTIES), [COMMON.get(code, 1) for code in SPECIALTIES], k=count)


def _near(rng: Random, city: City) -> tuple[float, float]:
    """Up to 3 km from the centre, evenly over the disc; less where the town is small."""
    km = min(3.0, 0.4 + sqrt(city.people) / 10) * sqrt(rng.random())
    angle = rng.uniform(0, 2 * pi)
    north, east = km * cos(angle) / _KM_PER_DEGREE, km * sin(angle) / _KM_PER_DEGREE
    return (
        round(city.latitude + north, 5),
        round(city.longitude + east / cos(radians(city.latitude)), 5),
    )


def patients(rng: Random, midnight: datetime) -> list[Patient]:
    """Ana and Bruno come first."""
    cpfs = people.cpf_numbers(rng, taken=set(_NAMED_CPFS))
    made = [_patient(rng, midnight, cpf) for cpf in islice(cpfs, PATIENTS)]
    made[0] = replace(made[0], name="Ana Beatriz Moreira", cpf=_NAMED_CPFS[0])
    made[1] = replace(made[1], name="Bruno Almeida Costa", cpf=_NAMED_CPFS[1])
    return made


def _patient(rng: Random, midnight: datetime, cpf: str) -> Patient:
    created_at = midnight - timedelta(days=rng.uniform(*_REGISTERED_DAYS_AGO))
    return Patient(
        id=PatientId(id_at(rng, created_at)),
        name=people.name(rng),
        cpf=cpf,
        birth_date=_BORN_FROM + timedelta(days=rng.randrange(_BORN_WITHIN_DAYS)),
        created_at=created_at,
    )


def emails(doctors: list[Doctor], patients: list[Patient]) -> list[str]:
    """Doctors' first, then patients'. Those of the four to sign in with bear no number."""
    names = [doctor.name for doctor in doctors] + [patient.name for patient in patients]
    made = [people.email(name, number) for number, name in enumerate(names)]
    for start, named in ((0, _DOCTORS_EMAILS), (len(doctors), _PATIENTS_EMAILS)):
        made[start : start + len(named)] = named
    return made
