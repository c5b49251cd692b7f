"""docs/api is what `./dev schema` makes of the schema, and leaves nothing out."""

import importlib
import re
from pathlib import Path

from domain import errors
from domain.errors import DomainError, Refusal
from embedded import reference
from schema.problems import ProblemCode
from tests.paths import ROOT
from tests.schema.test_access import ADMINISTRATOR, ANYBODY, DOCTOR, LIVE, PATIENT, WHO
from transport import errors as shown
from transport import gate
from wiring.schema import graphql_schema

SCHEMA = graphql_schema._schema
MADE = reference.made()
OPERATIONS, TYPES = (MADE[reference.FOLDER / f"{name}.md"] for name in ("operations", "types"))


def test_it_is_as_the_schema_is():
    assert {path: path.read_text() for path in MADE} == MADE, "run ./dev schema"
    assert set(reference.FOLDER.iterdir()) == set(MADE)


def test_every_operation_and_every_type_has_its_heading():
    roots = (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    asked = [name for root in roots for name in root.fields]
    kept = {"Boolean", "Float", "ID", "Int", "String", *(root.name for root in roots)}
    types = [name for name in SCHEMA.type_map if name not in kept and not name.startswith("__")]

    assert re.findall(r"^### (\w+)$", OPERATIONS, re.MULTILINE) == asked
    assert sorted(re.findall(r"^### (\w+)$", TYPES, re.MULTILINE)) == sorted(types)


def test_every_field_and_value_is_told():
    told = re.split(r"^### ", TYPES, flags=re.MULTILINE)
    by_name = {part.partition("\n")[0]: part for part in told}
    for name, type_ in SCHEMA.type_map.items():
        parts = getattr(type_, "fields", None) or getattr(type_, "values", None) or {}
        for part in parts if name in by_name else ():
            assert f"| `{part}` |" in by_name[name], (name, part)
    assert "| `first`" not in by_name["DoctorConnection"]
    assert "`first` Int = `5`: How many: 0 to 50." in by_name["Doctor"]


def test_who_may_is_as_the_tests_of_access_have_it():
    said = dict(re.findall(r"^### (\w+)\n(?:.*\n)+?For (.+?)\. Costs", OPERATIONS, re.MULTILINE))
    words = {DOCTOR: "doctor", PATIENT: "patient", ADMINISTRATOR: "administrator"}
    for name, who in {**WHO, **LIVE}.items():
        if who is ANYBODY:
            assert said[name].startswith("anybody"), name
        else:
            named = {role for role, word in words.items() if word in said[name]}
            assert frozenset().union(*named) == who, name


def test_costs_are_the_servers():
    costs = dict(re.findall(r"^### (\w+)\n(?:.*\n)+?.+?Costs (\d+)", OPERATIONS, re.MULTILINE))

    assert costs["viewer"] == "1"
    assert costs["doctors"] == "21"  # the page, and twenty of them
    assert costs["requestAppointment"] == "11"


def test_every_code_of_an_error_is_told():
    for path in (ROOT / "domain").glob("*.py"):
        importlib.import_module(f"domain.{path.stem}")
    codes = {kind.code for kind in _below(DomainError) if not issubclass(kind, Refusal)}
    codes |= {getattr(shown, name) for name in ("BAD_USER_INPUT", "FORBIDDEN", "INTERNAL")}
    codes |= {shown.TOO_COMPLEX, shown.UNAVAILABLE, gate.RATE_LIMITED}

    assert set(reference.ERRORS) == codes
    assert list(reference.ERRORS) == sorted(codes)
    for path in (ROOT / "transport").glob("*.py"):
        written = set(re.findall(r'"code": "(\w+)"', Path(path).read_text()))
        assert written <= codes, path


def test_every_code_of_a_problem_is_some_refusals():
    codes = {kind.code for kind in _below(Refusal) if "code" in vars(kind)}

    assert errors
    assert {code.value for code in ProblemCode} == codes
    assert all(value.description for value in SCHEMA.type_map["ProblemCode"].values.values())


def _below(kind: type) -> list[type]:
    return [it for each in kind.__subclasses__() for it in (each, *_below(each))]
