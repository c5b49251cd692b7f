"""The public face is the contract's: every name, type, argument and default that is built."""

import pytest
from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from tests.paths import ROOT
from wiring.schema import graphql_schema

CONTRACT: DocumentNode = parse((ROOT / "tests" / "contract.graphql").read_text())
SCHEMA = graphql_schema._schema
OURS = {
    d.name.value: d for d in parse(graphql_schema.as_str()).definitions if getattr(d, "name", None)
}

DEFINITIONS = CONTRACT.definitions


def _default(node):
    return None if node.default_value is None else print_ast(node.default_value)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name.value)
def test_the_contract_holds(definition):
    name = definition.name.value
    kind = SCHEMA.type_map.get(name)
    assert kind is not None, f"{name} is missing"

    ours = OURS[name]
    match definition:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            promised = {i.name.value for i in definition.interfaces or ()}
            assert promised <= {i.name.value for i in ours.interfaces or ()}
            _hold_fields(name, definition, ours)
        case InputObjectTypeDefinitionNode():
            assert isinstance(kind, GraphQLInputObjectType)
            _hold_inputs(name, definition.fields, ours.fields)
        case EnumTypeDefinitionNode():
            assert isinstance(kind, GraphQLEnumType)
            assert [v.name.value for v in definition.values] == list(kind.values)
        case UnionTypeDefinitionNode():
            assert isinstance(kind, GraphQLUnionType)
            promised = {t.name.value for t in definition.types}
            assert promised == {t.name for t in kind.types}


def _hold_fields(name, definition, ours):
    fields = {field.name.value: field for field in ours.fields}
    for field in definition.fields:
        place = f"{name}.{field.name.value}"
        assert field.name.value in fields, f"{place} is missing"
        own = fields[field.name.value]
        assert print_ast(own.type) == print_ast(field.type), place
        _hold_inputs(place, field.arguments or (), own.arguments or ())


def _hold_inputs(place, promised, ours):
    own = {value.name.value: value for value in ours}
    for value in promised:
        name = value.name.value
        assert name in own, f"{place}({name}) is missing"
        assert print_ast(own[name].type) == print_ast(value.type), f"{place}({name})"
        assert (_default(own[name]) or "null") == (_default(value) or "null"), f"{place}({name})"
    for name in own.keys() - {value.name.value for value in promised}:
        required = print_ast(own[name].type).endswith("!") and _default(own[name]) is None
        assert not required, f"{place}({name}) would break the contract's clients"


def test_the_printed_schema_is_the_schema_of_the_code():
    """`./dev schema` prints it anew."""
    printed = (ROOT / "schema.graphql").read_text()
    assert printed == graphql_schema.as_str() + "\n"
    build_schema(printed)
