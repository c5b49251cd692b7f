"""Operations made up for both paths to answer: of what plans can read, and now and then beside it
what they cannot, and arguments and variables that are wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from plans.plans import FIELDS

ORDERS = ["RATING", "DISTANCE", "SOONEST", "NAME"]
STATUSES = ["REQUESTED", "CONFIRMED", "DECLINED", "CANCELLED", "EXPIRED", "IN_PROGRESS"]
STATUSES += ["COMPLETED", "NO_SHOW"]
MOMENTS = [f"2030-01-{day:02}T{hour}:00:00Z" for day in (6, 7, 8, 9, 30) for hour in ("09", "15")]
ENUMS = {"UF", "DoctorOrder", "AppointmentStatus"}
MOST_DEEP = 4

# What lies beneath a field: the type, and how it is a page.
UNDER = {
    "Query.doctor": "Doctor",
    "Query.doctors": "DoctorConnection",
    "Query.node": "Node",
    "DoctorViewer.doctor": "Doctor",
    "DoctorViewer.appointments": "AppointmentConnection",
    "PatientViewer.patient": "Patient",
    "PatientViewer.appointments": "AppointmentConnection",
    "Doctor.rating": "Rating",
    "Doctor.location": "GeoPoint",
    "Doctor.specialties": "Specialty",
    "Doctor.specialistIn": "Qualification",
    "Doctor.nextSlots": "Slot",
    "Doctor.slots": "Slot",
    "Slot.doctor": "Doctor",
    "Appointment.doctor": "Doctor",
    "Appointment.patient": "Patient",
    "Appointment.slot": "Slot",
    "Appointment.review": "Review",
    "Qualification.specialty": "Specialty",
    "DoctorConnection.nodes": "Doctor",
    "DoctorConnection.edges": "DoctorEdge",
    "DoctorConnection.pageInfo": "PageInfo",
    "DoctorEdge.node": "Doctor",
    "AppointmentConnection.nodes": "Appointment",
    "AppointmentConnection.edges": "AppointmentEdge",
    "AppointmentConnection.pageInfo": "PageInfo",
    "AppointmentEdge.node": "Appointment",
}
OF_PAGES = {
    "DoctorConnection": ["nodes", "edges", "pageInfo"],
    "DoctorEdge": ["cursor", "node", "distanceKm"],
    "AppointmentConnection": ["nodes", "edges", "pageInfo"],
    "AppointmentEdge": ["cursor", "node"],
    "PageInfo": ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
}
NODES = ["Doctor", "Slot", "Appointment"]
VIEWERS = ["DoctorViewer", "PatientViewer"]

# What no plan reads. None of it is written down where it is read, so that it may be asked twice.
UNMAPPED = {
    "Query": [
        "specialties { code name }",
        "consentText { version sha256 }",
        'consentText(language: "none") { version }',
        "nodes(ids: []) { id }",
        'nodes(ids: ["doctor_0"]) { id }',
    ],
    "Doctor": [
        "reviews { nodes { stars comment } }",
        "reviews(first: 1000) { nodes { stars } }",
        'reviews(after: "nonsense") { nodes { stars } }',
    ],
    "Appointment": [
        "reason",
        "justification",
        "consent { at version }",
        "consultation { url opensAt doctorPresent }",
        "deviceChecks { camera }",
        "calendarFile",
    ],
    "Patient": ["cpf"],
    "DoctorViewer": ["email", "language", "registration { status }"],
    "PatientViewer": ["email", "timeZone", "passkeys { id }"],
}


@dataclass
class Known:
    """What there is to be asked for."""

    ids: Sequence[str]
    crms: Sequence[str]
    specialties: Sequence[str]
    cursors: Sequence[str]


@dataclass
class Operation:
    """`odd`: with what is not mapped, and what is wrong, now and then."""

    odd: bool
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    text: str = ""
    keys: int = 0

    def key(self) -> str:
        """One that is not taken: arguments of two fields of one key may not fit together."""
        self.keys += 1
        return f"k{self.keys}: "


@st.composite
def operations(draw: st.DrawFn, known: Known) -> Operation:
    made = Operation(odd=draw(st.sampled_from([False, False, True])))
    body = _selection(draw, made, known, "Query", 0)
    declared = f"({', '.join(made.declared)})" if made.declared else ""
    made.text = "\n".join([f"query{declared} {body}", *made.fragments])
    return made


def _selection(draw: st.DrawFn, made: Operation, known: Known, type_: str, deep: int) -> str:
    if type_ == "Node":
        chosen = draw(st.lists(st.sampled_from(NODES), min_size=1, unique=True))
        each = [(one, _selection(draw, made, known, one, deep)) for one in chosen]
        return "{ id __typename " + " ".join(f"... on {one} {body}" for one, body in each) + " }"
    names = [*FIELDS.get(type_, OF_PAGES.get(type_, [])), "__typename"]
    if type_ == "Query":
        names += ["doctors"] * 3 + ["viewer"]
    if deep >= MOST_DEEP:
        names = [name for name in names if f"{type_}.{name}" not in UNDER]
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5))
    parts = [_field(draw, made, known, type_, name, deep) for name in chosen]
    if type_ in UNMAPPED and made.odd and draw(st.integers(0, 15)) == 7:
        parts.append(f"{made.key()}{draw(st.sampled_from(UNMAPPED[type_]))}")
    body = " ".join(_wrapped(draw, made, type_, part) for part in parts)
    return "{ " + body + " }"


def _wrapped(draw: st.DrawFn, made: Operation, type_: str, part: str) -> str:
    how = draw(st.integers(0, 9))
    if how == 0:
        return f"... on {type_}{_directives(draw, made)} {{ {part} }}"
    if how == 1:
        name = f"F{len(made.fragments)}"
        made.fragments.append(f"fragment {name} on {type_} {{ {part} }}")
        return f"...{name}{_directives(draw, made)} ...{name}{_directives(draw, made)}"
    if how == 2:
        return f"...{_directives(draw, made)} {{ {part} }}"
    if how == 3 and type_ in NODES:
        return (
            f"... on Node{_directives(draw, made)} {{ __typename id ... on {type_} {{ {part} }} }}"
        )
    return part


def _directives(draw: st.DrawFn, made: Operation) -> str:
    words = draw(st.sampled_from([(), (), ("skip",), ("include",), ("skip", "include")]))
    shown = (
        f" @{word}(if: {_value(draw, made, 'Boolean!', draw(st.booleans()))})" for word in words
    )
    return "".join(shown)


def _field(draw: st.DrawFn, made: Operation, known: Known, type_: str, name: str, deep: int) -> str:
    arguments = ARGUMENTS.get(f"{type_}.{name}")
    key = made.key() if arguments or draw(st.integers(0, 7)) == 1 else ""
    told = arguments(draw, made, known) if arguments else ""
    told += _directives(draw, made) if draw(st.integers(0, 7)) == 1 else ""
    if name == "viewer":
        each = {one: _selection(draw, made, known, one, deep + 1) for one in VIEWERS}
        each["AdministratorViewer"] = "{ email partners(first: 0) { nodes { id } } }"
        body = " ".join(f"... on {one} {body}" for one, body in each.items())
        return f"{key}viewer{told} {{ __typename {body} }}"
    under = UNDER.get(f"{type_}.{name}")
    body = _selection(draw, made, known, under, deep + 1) if under else ""
    return f"{key}{name}{told} {body}"


def _value(draw: st.DrawFn, made: Operation, type_: str, value: Any) -> str:
    """As a literal, or as a variable, which may be wrong or not there."""
    if draw(st.booleans()):
        return _literal(type_, value)
    name = f"v{len(made.declared)}"
    default = f" = {_literal(type_, value)}" if draw(st.booleans()) else ""
    made.declared.append(f"${name}: {type_}{default}")
    amiss = draw(st.integers(0, 60)) if made.odd else 0
    if amiss == 20:
        made.variables[name] = draw(st.sampled_from([{"none": 0}, [[]], None]))
    elif amiss != 40 and (not default or draw(st.booleans())):
        made.variables[name] = value
    return f"${name}"


def _literal(type_: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return "[" + ", ".join(_literal(type_.strip("[]!"), each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_literal(_OF[k], v)}" for k, v in value.items()) + "}"
    if isinstance(value, str) and type_.strip("!") not in {
        "UF",
        "DoctorOrder",
        "AppointmentStatus",
    }:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


_OF = {
    **dict.fromkeys(["specialty", "search", "availableFrom", "availableTo"], "String"),
    **dict.fromkeys(["withinKm", "minimumRating", "latitude", "longitude"], "Float"),
    "near": "GeoPointInput",
    "uf": "UF",
}


def _page(draw: st.DrawFn, made: Operation, known: Known) -> list[str]:
    told = []
    if draw(st.booleans()):
        wrong = [101, 1000, -1] if made.odd else []
        first = draw(st.sampled_from([None, 0, 1, 2, 3, 50, 100, *wrong]))
        told.append(f"first: {_value(draw, made, 'Int', first)}")
    if draw(st.integers(0, 3 if made.odd else 7)) == 0:
        after = draw(st.sampled_from([None, *known.cursors, *(["nonsense"] if made.odd else [])]))
        told.append(f"after: {_value(draw, made, 'String', after)}")
    return told


def _doctors(draw: st.DrawFn, made: Operation, known: Known) -> str:
    told = _page(draw, made, known)
    wanted: dict[str, Any] = {}
    earlier, later = _moments(made)
    near = {"latitude": st.floats(-33, 5), "longitude": st.floats(-73, -35)}
    for name, values in {
        "specialty": st.sampled_from([*known.specialties, "none", None]),
        "search": st.sampled_from(["", "ana", None]),
        "near": st.one_of(st.none(), st.fixed_dictionaries(near)),
        "withinKm": st.sampled_from([1.0, 500.0, 3000.5, 0.0 if made.odd else 20.0, None]),
        "minimumRating": st.sampled_from([0.0, 3.5, 4.0, None]),
        "availableFrom": st.sampled_from([*earlier, None]),
        "availableTo": st.sampled_from([*later, None]),
        "uf": st.sampled_from(["AC", "RR", None]),
    }.items():
        if draw(st.integers(0, 3)) == 0:
            wanted[name] = draw(values)
    orders = ORDERS
    if not made.odd and wanted.get("near") is None:
        wanted.pop("withinKm", None)
        orders = [order for order in ORDERS if order != "DISTANCE"]
    if draw(st.integers(0, 3)):
        told.append(f"filter: {_value(draw, made, 'DoctorFilter', wanted)}")
    if draw(st.booleans()):
        told.append(f"orderBy: {_value(draw, made, 'DoctorOrder', draw(st.sampled_from(orders)))}")
    return _told(told)


def _appointments(draw: st.DrawFn, made: Operation, known: Known) -> str:
    told = _page(draw, made, known)
    if draw(st.booleans()):
        statuses = draw(st.lists(st.sampled_from(STATUSES), unique=True))
        told.append(f"status: {_value(draw, made, '[AppointmentStatus!]', statuses)}")
    return _told(told)


def _next(draw: st.DrawFn, made: Operation, _: Known) -> str:
    if draw(st.booleans()):
        return ""
    first = draw(st.sampled_from([None, 0, 1, 3, 50, 51 if made.odd else 5]))
    return f"(first: {_value(draw, made, 'Int', first)})"


def _slots(draw: st.DrawFn, made: Operation, _: Known) -> str:
    ends = (_value(draw, made, "DateTime!", draw(st.sampled_from(of))) for of in _moments(made))
    return "(from: {}, to: {})".format(*ends)


def _doctor(draw: st.DrawFn, made: Operation, known: Known) -> str:
    crm, uf = draw(st.sampled_from(known.crms)).split("/")
    return f"(crm: {_value(draw, made, 'String!', crm)}, uf: {_value(draw, made, 'UF!', uf)})"


def _node(draw: st.DrawFn, made: Operation, known: Known) -> str:
    id = draw(st.sampled_from(known.ids))
    return f"(id: {_value(draw, made, 'ID!', id)})"


def _moments(made: Operation) -> tuple[list[str], list[str]]:
    """Of which to choose a beginning and an end."""
    return (MOMENTS, MOMENTS) if made.odd else (MOMENTS[:6], MOMENTS[6:])


def _told(told: list[str]) -> str:
    return f"({', '.join(told)})" if told else ""


ARGUMENTS: dict[str, Callable[[st.DrawFn, Operation, Known], str]] = {
    "Query.doctors": _doctors,
    "Query.doctor": _doctor,
    "Query.node": _node,
    "DoctorViewer.appointments": _appointments,
    "PatientViewer.appointments": _appointments,
    "Doctor.nextSlots": _next,
    "Doctor.slots": _slots,
}
