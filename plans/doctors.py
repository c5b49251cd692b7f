"""Doctors: found by a search, or one by his registration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from domain.registrations import CRM, UF
from domain.reviews import SHOWN_FROM
from domain.search import DoctorOrder
from domain.specialties import SPECIALTIES
from persistence import search
from persistence.search import Sought
from plans import paging, slots
from plans.compiler import Compiler, Fields, Unplanned
from plans.pieces import Pieces, either, id_of, many, name, or_null, quoted, text
from plans.selections import Selected
from schema.doctors import DoctorFilter, cursor_kind, read_after
from schema.paging import check_first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    sought: Sought
    first: int


def found(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    """Query.doctors."""

    def read(
        filter: DoctorFilter | None = None,
        order_by: DoctorOrder | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> _Page:
        wanted = (filter or DoctorFilter()).wanted(order_by)
        wanted.check()
        count = check_first(first, usual=20)
        sought = Sought(
            wanted=wanted,
            after=read_after(wanted, after),
            limit=count + 1,
        )
        return _Page(sought=sought, first=count)

    told = compiler.arguments("Query", selected, read)
    page = told.of(compiler.request)
    if page.sought.wanted.name is not None:
        raise Unplanned  # the text hangs on the number of words

    def put(of: Callable[[Sought], Any], type_: str) -> str:
        return compiler.put((told, of), type_, lambda request: of(told.of(request).sought))

    kind = cursor_kind(page.sought.wanted)
    by_name = page.sought.wanted.order_by is DoctorOrder.NAME
    sort_key = f"{paging.ROW}.sort_key"
    return paging.connection(
        compiler,
        selected,
        types=("DoctorConnection", "DoctorEdge"),
        rows=search.page(page.sought, put, "doctor.*", now=lambda: compiler.at),
        wanted=compiler.put((told, "first"), "int4", lambda request: told.of(request).first),
        after=page.sought.after is not None,
        node=lambda sets: compiler.object("Doctor", sets, paging.ROW),
        cursor=paging.cursor(
            kind, text(sort_key) if by_name else _float(sort_key), name(f"{paging.ROW}.id")
        ),
        edge={"distanceKm": lambda _, __, row: or_null(f"{row}.distance_km")},
    )


def by_registration(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    """Query.doctor."""

    def read(crm: str, uf: UF) -> CRM:
        return CRM.read(crm, uf)

    told = compiler.arguments("Query", selected, read)
    crm = compiler.put((told, "crm"), "text", lambda request: told.of(request).number)
    uf = compiler.put((told, "uf"), "text", lambda request: told.of(request).uf)
    return compiler.found(
        "Doctor",
        selected,
        lambda row: f"{row}.crm = {crm} AND {row}.uf = {uf} AND {row}.status = 'VERIFIED'",
    )


def _float(expression: str) -> Pieces:
    """As Python's json has it, which tells 5.0 from 5."""
    shown = f"{expression}::text"
    return [f"CASE WHEN {shown} ~ '[.e]' THEN {shown} ELSE {shown} || '.0' END"]


def _average(_: Compiler, __: Selected, row: str) -> Pieces:
    average = f"{row}.rating_sum::float8 / {row}.rating_count"
    return either(f"{row}.rating_count >= {SHOWN_FROM}", [average])


def _location(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    known = f"{row}.latitude IS NOT NULL AND {row}.longitude IS NOT NULL"
    return either(known, compiler.object("GeoPoint", selected.sets, row))


def _specialties(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    listed = compiler.alias("listed")
    return many(
        compiler.object("Specialty", selected.sets, listed),
        f"FROM unnest({row}.specialties) AS {listed} (code)",
    )


def _specialist_in(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    """In what he practises still."""
    listed = compiler.alias("listed")
    return many(
        compiler.object("Qualification", selected.sets, listed),
        f"FROM unnest({row}.specialist_in, {row}.rqes) AS {listed} (code, rqe)"
        f" WHERE {listed}.code = ANY({row}.specialties)",
    )


# Each name as it stands in JSON, quotes included; a constant, so that it is read once a statement.
_SHOWN = {code: orjson.dumps(known).decode() for code, known in SPECIALTIES.items()}
_NAMES = f"{quoted(orjson.dumps(_SHOWN).decode())}::jsonb"

FIELDS: dict[str, Fields] = {
    "Doctor": {
        "id": lambda _, __, row: id_of("doctor", f"{row}.id"),
        "name": lambda _, __, row: text(f"{row}.name"),
        "crm": lambda _, __, row: text(f"{row}.crm"),
        "uf": lambda _, __, row: name(f"{row}.uf"),
        "rating": lambda c, selected, row: c.object("Rating", selected.sets, row),
        "city": lambda _, __, row: or_null(f"to_json({row}.city)"),
        "location": _location,
        "timeZone": lambda _, __, row: text(f"{row}.time_zone"),
        "specialties": _specialties,
        "specialistIn": _specialist_in,
        "nextSlots": slots.next_of,
        "slots": slots.between,
    },
    # Parts of the row around them.
    "Rating": {"average": _average, "count": lambda _, __, row: [f"{row}.rating_count"]},
    "GeoPoint": {
        "latitude": lambda _, __, row: [f"{row}.latitude"],
        "longitude": lambda _, __, row: [f"{row}.longitude"],
    },
    "Specialty": {
        "code": lambda _, __, row: name(f"{row}.code"),
        "name": lambda _, __, row: [f"({_NAMES} ->> {row}.code)"],
    },
    "Qualification": {
        "specialty": lambda c, selected, row: c.object("Specialty", selected.sets, row),
        "rqe": lambda _, __, row: text(f"{row}.rqe"),
    },
}
