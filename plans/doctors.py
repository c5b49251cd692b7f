"""Doctors: found by a search, or one by his registration."""

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
from plans.pieces import (
    Literal,
    Pieces,
    either,
    id_of,
    many,
    name,
    one,
    or_null,
    quoted,
    text,
)
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
            at=compiler.request.at,  # not read: the column is
        )
        return _Page(sought=sought, first=count)

    told = compiler.arguments("Query", selected, read)
    page = told.of(compiler.request)
    if page.sought.wanted.name is not None:
        raise Unplanned  # the text hangs on the number of words

    def put(of: Any, type_: str) -> str:
        if of is search.moment:
            return compiler.at
        return compiler.put((told, of), type_, lambda request: of(told.of(request).sought))

    kind = cursor_kind(page.sought.wanted)
    by_name = page.sought.wanted.order_by is DoctorOrder.NAME
    key = f"to_json({paging.ROW}.sort_key)" if by_name else _float(f"{paging.ROW}.sort_key")
    return paging.connection(
        compiler,
        selected,
        types=("DoctorConnection", "DoctorEdge"),
        rows=search.page(page.sought, put, "doctor.*"),
        wanted=compiler.put((told, "first"), "int4", lambda request: told.of(request).first),
        after=page.sought.after is not None,
        node=lambda sets: compiler.object("Doctor", sets, paging.ROW),
        cursor=paging.cursor(kind, key, paging.id_key),
        edge={"distanceKm": or_null(f"{paging.ROW}.distance_km")},
    )


def by_registration(compiler: Compiler, selected: Selected, _: str) -> Pieces:
    """Query.doctor."""

    def read(crm: str, uf: UF) -> CRM:
        return CRM.read(crm, uf)

    told = compiler.arguments("Query", selected, read)
    crm = compiler.put((told, "crm"), "text", lambda request: told.of(request).number)
    uf = compiler.put((told, "uf"), "text", lambda request: told.of(request).uf)
    row = compiler.alias("doctor")
    return one(
        compiler.object("Doctor", selected.sets, row),
        f"FROM doctor AS {row} WHERE {row}.crm = {crm} AND {row}.uf = {uf}"
        f" AND {row}.status = 'VERIFIED'",
    )


def _float(expression: str) -> str:
    """As Python's json has it, which tells 5.0 from 5."""
    return (
        f"CASE WHEN {expression}::text ~ '[.e]' THEN {expression}::text"
        f" ELSE {expression}::text || '.0' END"
    )


def _parts(compiler: Compiler, type_: str, selected: Selected, fields: dict[str, Pieces]) -> Pieces:
    """An object of columns of its parent's row."""
    pieces: list[str] = [Literal("{")]
    for number, part in enumerate(compiler.under(type_, selected.sets)):
        pieces.append(Literal(f'{"," if number else ""}"{part.key}":'))
        pieces.extend([Literal(f'"{type_}"')] if part.name == "__typename" else fields[part.name])
    return [*pieces, Literal("}")]


def _rating(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    average = f"{row}.rating_sum::float8 / {row}.rating_count"
    fields: dict[str, Pieces] = {
        "average": either(f"{row}.rating_count >= {SHOWN_FROM}", [average]),
        "count": [f"{row}.rating_count"],
    }
    return _parts(compiler, "Rating", selected, fields)


def _location(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    fields: dict[str, Pieces] = {
        "latitude": [f"{row}.latitude"],
        "longitude": [f"{row}.longitude"],
    }
    known = f"{row}.latitude IS NOT NULL AND {row}.longitude IS NOT NULL"
    return either(known, _parts(compiler, "GeoPoint", selected, fields))


def _specialties(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    listed = compiler.alias("listed")
    return many(
        _specialty(compiler, selected, f"{listed}.code"),
        f"FROM unnest({row}.specialties) AS {listed} (code)",
    )


def _specialty(compiler: Compiler, selected: Selected, code: str) -> Pieces:
    fields: dict[str, Pieces] = {"code": name(code), "name": [f"({_NAMES} ->> {code})"]}
    return _parts(compiler, "Specialty", selected, fields)


# Each name as it stands in JSON, quotes included; a constant, so that it is read once a statement.
_NAMES = (
    quoted(
        orjson.dumps(
            {code: orjson.dumps(known).decode() for code, known in SPECIALTIES.items()}
        ).decode()
    )
    + "::jsonb"
)


def _specialist_in(compiler: Compiler, selected: Selected, row: str) -> Pieces:
    """In what he practises still."""
    listed = compiler.alias("listed")
    pieces: list[str] = [Literal("{")]
    for number, part in enumerate(compiler.under("Qualification", selected.sets)):
        pieces.append(Literal(f'{"," if number else ""}"{part.key}":'))
        if part.name == "specialty":
            pieces.extend(_specialty(compiler, part, f"{listed}.code"))
        elif part.name == "rqe":
            pieces.extend(text(f"{listed}.rqe"))
        else:
            pieces.append(Literal('"Qualification"'))
    pieces.append(Literal("}"))
    return many(
        pieces,
        f"FROM unnest({row}.specialist_in, {row}.rqes) AS {listed} (code, rqe)"
        f" WHERE {listed}.code = ANY({row}.specialties)",
    )


FIELDS: dict[str, Fields] = {
    "Doctor": {
        "id": lambda _, __, row: id_of("doctor", f"{row}.id"),
        "name": lambda _, __, row: text(f"{row}.name"),
        "crm": lambda _, __, row: text(f"{row}.crm"),
        "uf": lambda _, __, row: name(f"{row}.uf"),
        "rating": _rating,
        "city": lambda _, __, row: or_null(f"to_json({row}.city)"),
        "location": _location,
        "timeZone": lambda _, __, row: text(f"{row}.time_zone"),
        "specialties": _specialties,
        "specialistIn": _specialist_in,
        "nextSlots": slots.next_of,
        "slots": slots.between,
    }
}
