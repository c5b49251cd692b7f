"""Who may do what, and who sees what: asked of the server itself, for docs/privacy.md.

Seven ask for each field of each thing, and try each root field: nobody, the patient and the doctor
of an appointment, another of each kind, an administrator, and a partner with every scope.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
)

from domain.auth import Role, Scope
from domain.slots import SlotStatus
from tests import make
from tests.make import NOW, Person, Program
from tests.schema.test_access import least
from tests.server import LocalServer, gid
from transport.errors import Unfit
from wiring.schema import graphql_schema

SCHEMA = graphql_schema._schema
WHO = (
    *("nobody", "its patient", "its doctor", "another patient", "another doctor"),
    *("an administrator", "a partner"),
)
RANGE = '(from: "2030-01-01T00:00:00Z", to: "2030-02-01T00:00:00Z")'
Table = list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Scene:
    """`things`: ids by type; the first in which anybody sees something is what is told of.
    `others`: ids of what is no node, by the name of an input's field. `open`: of an appointment
    whose consultation is open by the server's clock.
    """

    people: Mapping[str, Person | Program | None]
    things: Mapping[str, Sequence[str]]
    others: Mapping[str, str]
    open: str
    marks: Sequence[str]


async def scene(server: LocalServer) -> Scene:
    """An open, a held and a requested slot, a visit with a review and one that was cancelled; one
    that goes on by the real time, with a request for access and an emergency.
    """
    mark = f"zyx{uuid4().hex[:10]}"
    doctor, other = make.doctor(), make.doctor()
    ana = make.patient(name=f"Ana {mark}", birth_date=date(1980, 5, 17))
    bruno, administrator, partner = make.patient(), make.administrator(), make.partner(*Scope)
    tomorrow = make.TOMORROW
    asked = make.visit(doctor, ana, reason=f"{mark} dor")
    done = make.visit(doctor, ana, status="COMPLETED", starts_at=NOW - timedelta(days=2), version=3)
    cancelled = make.visit(
        doctor,
        ana,
        status="CANCELLED",
        ended_by=Role.DOCTOR,
        starts_at=tomorrow + timedelta(hours=3),
        justification=f"{mark} imprevisto",
    )
    held = make.slot(
        doctor,
        starts_at=tomorrow + timedelta(hours=5),
        status=SlotStatus.HELD,
        held_by=ana.id,
        lapses_at=NOW + timedelta(minutes=5),
    )
    open_ = make.slot(doctor, starts_at=tomorrow + timedelta(hours=6))
    begun = datetime.now(UTC)
    times = {"starts_at": begun, "respond_by": begun, "ends_at": begun + timedelta(hours=1)}
    today = make.visit(doctor, ana, status="IN_PROGRESS", **times)
    meeting = make.visit(doctor, ana, status="CONFIRMED", starts_at=NOW + timedelta(minutes=5))
    in_person = make.in_person_request(ana, doctor, message=f"{mark} prefiro ir aí")
    wanted = make.access_request(doctor, ana, message=f"{mark} exames")
    emergency = make.emergency(today[1], reason=f"{mark} desmaiou na consulta")
    said = make.review(done[1], comment="Muito atenciosa.")
    note = make.note(done[1], text=f"{mark} sem febre")
    passkey = make.passkey(ana, name=f"{mark} iPhone")
    await server.given(doctor, other, ana, bruno, administrator, partner, passkey)
    await server.given(*asked, *done, *cancelled, held, open_, said, *today, wanted, emergency)
    await server.given(*meeting, note)
    await server.given(in_person, make.device_check(asked[1], browser=f"{mark} Chrome"))
    asking = (None, ana, doctor, bruno, other, administrator, partner)
    people = dict(zip(WHO, asking, strict=True))
    things = {
        "Doctor": [gid(doctor)],
        "Slot": [gid(held), gid(asked[0]), gid(open_)],
        "Appointment": [gid(asked[1]), gid(cancelled[1]), gid(done[1])],
        "Patient": [gid(ana)],
    }
    cpf = ana.who.cpf
    others = {
        "passkeyId": f"passkey_{passkey.id}",
        "patientId": gid(ana),
        "requestId": f"request_{wanted.id}",
        "inPersonRequestId": f"inperson_{in_person.id}",
        "emergencyId": f"emergency_{emergency.id}",
    }
    return Scene(
        people, things, others, gid(meeting[1]), [mark, cpf, ana.account.email, "1980-05-17"]
    )


def selected(name: str, field: GraphQLField) -> str:
    """The field, with what it needs and the least of what is in it."""
    needs = [n for n, a in field.args.items() if is_required_argument(a)]
    composite = hasattr(get_named_type(field.type), "fields") or hasattr(
        get_named_type(field.type), "types"
    )
    return f"{name}{RANGE if needs else ''} {'{ __typename }' if composite else ''}"


async def fields(server: LocalServer) -> Table:
    """By type and field: what each of WHO sees."""
    found = await scene(server)
    table: Table = []
    for type, ids in found.things.items():
        for name, field in SCHEMA.type_map[type].fields.items():
            seen = [await _seen(server, found, id, type, selected(name, field)) for id in ids]
            told = next((each for each in seen if any(v is not None for v in each)), seen[0])
            most = next((v for v in (told[1], told[2], *told) if v is not None), None)
            table.append((f"{type}.{name}", [_cell(value, most) for value in told]))
    return table


async def _seen(server: LocalServer, scene: Scene, id: str, type: str, field: str) -> list[Any]:
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {type} {{ {field} }} }} }}"
    answers = [await server.answer(query, scene.people[who], id=id) for who in WHO]
    nodes = [(answer.get("data") or {}).get("node") or {} for answer in answers]
    return [next(iter(node.values()), None) for node in nodes]


def _cell(value: Any, most: Any) -> str:
    if value is None:
        return "no"
    if value == most:
        return "yes"
    return "masked" if isinstance(value, str) else "not whether it is his"


async def mutations(server: LocalServer) -> Table:
    """By name: whether each of WHO may, with what is its patient's and its doctor's."""
    table: Table = []
    for name, field in SCHEMA.mutation_type.fields.items():
        cells = []
        for who in WHO:
            found = await scene(server)
            query, variables = _request(name, field, found)
            answer = await server.answer(query, found.people[who], **variables)
            cells.append(_verdict(answer))
        table.append((name, cells))
    return table


def _request(name: str, field: GraphQLField, scene: Scene) -> tuple[str, dict[str, Any]]:
    if "input" not in field.args:
        return f"mutation {{ {name} {{ problems {{ code }} }} }}", {}
    kind = field.args["input"].type
    given = least(kind)
    held, _, open_ = scene.things["Slot"]
    slot = {"releaseSlot": held, "requestAppointment": open_}.get(name, open_)
    owner = scene.people["its patient"]
    assert isinstance(owner, Person)
    ids = {
        "slotId": slot,
        "slotIds": [open_],
        "doctorId": scene.things["Doctor"][0],
        "appointmentId": scene.things["Appointment"][0],
        "sessionId": f"session_{owner.session.id}",
        **scene.others,
    }
    if "InPersonRequest" in name:
        ids["requestId"] = ids["inPersonRequestId"]
    given |= {name: id for name, id in ids.items() if name in given}
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ problems {{ code }} }} }}"
    return query, {"input": given}


async def queries(server: LocalServer) -> Table:
    """By name: whether each of WHO gets an answer."""
    found = await scene(server)
    arguments = {
        "node": f'(id: "{found.things["Doctor"][0]}")',
        "nodes": "(ids: [])",
        "doctor": '(crm: "1", uf: SP)',
    }
    table: Table = []
    for name, field in SCHEMA.query_type.fields.items():
        leaf = isinstance(get_named_type(field.type), GraphQLScalarType)
        inside = "" if leaf else " { __typename }"
        query = f"{{ {name}{arguments.get(name, '')}{inside} }}"
        answers = [await server.answer(query, found.people[who]) for who in WHO]
        table.append((name, [_refused(answer) or "yes" for answer in answers]))
    return table


async def subscriptions(server: LocalServer) -> Table:
    """By name: whether each of WHO may listen."""
    found = await scene(server)
    table: Table = []
    for name in SCHEMA.subscription_type.fields:
        cells = []
        for who in WHO:
            try:
                async with server.listening(whole(name, found), found.people[who]):
                    cells.append("yes")
            except Unfit as unfit:
                cells.append(str(_refused({"errors": unfit.errors})))
        table.append((name, cells))
    return table


def whole(name: str, scene: Scene) -> str:
    """The subscription with all that there is in it."""
    field = SCHEMA.subscription_type.fields[name]
    needed = {
        "doctorIds": f'(doctorIds: ["{scene.things["Doctor"][0]}"])',
        "appointmentId": f'(appointmentId: "{scene.open}")',
    }
    given = "".join(text for argument, text in needed.items() if argument in field.args)
    inside = everything(get_named_type(field.type), 3)
    return f"subscription {{ {name}{given} {{ {inside} }} }}"


def _refused(answer: dict[str, Any]) -> str | None:
    if "errors" not in answer:
        return None
    return {
        "UNAUTHENTICATED": "signed in only",
        "FORBIDDEN": "no",
        "NOT_FOUND": "not found",
    }[answer["errors"][0]["extensions"]["code"]]


def _verdict(answer: dict[str, Any]) -> str:
    """He may if nothing but the thing's own state stood in his way."""
    if refused := _refused(answer):
        return refused
    [payload] = answer["data"].values()
    codes = {problem["code"] for problem in payload["problems"]}
    return "not found" if "NOT_FOUND" in codes else "yes"


def everything(type: GraphQLObjectType, levels: int, above: tuple[str, ...] = ()) -> str:
    """A selection of all there is in a type, so many levels down, no type twice on the way."""
    parts = ["__typename"]
    for name, field in type.fields.items():
        inner = get_named_type(field.type)
        if not hasattr(inner, "fields"):
            needs = any(is_required_argument(a) for a in field.args.values())
            parts += [] if needs else [name]
        elif levels and inner.name not in above and inner.name != "Node":
            arguments = RANGE if "from" in field.args else ""
            arguments = arguments or ("(first: 3)" if "first" in field.args else "")
            inside = everything(inner, levels - 1, (*above, type.name))
            parts.append(f"{name}{arguments} {{ {inside} }}")
    return " ".join(parts)


async def printed(server: LocalServer) -> str:
    def rows(table: Table, title: str) -> list[str]:
        head = [f"| {title} | {' | '.join(WHO)} |", f"|---|{'---|' * len(WHO)}"]
        return head + [f"| `{name}` | {' | '.join(cells)} |" for name, cells in table]

    tables = {
        "query": await queries(server),
        "mutation": await mutations(server),
        "subscription": await subscriptions(server),
        "field": await fields(server),
    }
    return "\n\n".join("\n".join(rows(table, title)) for title, table in tables.items())


def found_in(answer: Any, marks: Sequence[str]) -> list[str]:
    text = json.dumps(answer, ensure_ascii=False)
    return [mark for mark in marks if mark in text]
