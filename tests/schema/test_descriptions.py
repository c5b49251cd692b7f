"""Whoever reads the schema is told what each thing is."""

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType

from wiring.schema import graphql_schema

SCHEMA = graphql_schema._schema
ROOTS = {"Query", "Mutation", "Subscription"}  # merge_types makes them, and takes no description
TYPES = {
    name: kind
    for name, kind in SCHEMA.type_map.items()
    if not name.startswith("__") and isinstance(kind, GraphQLNamedType)
}


def undescribed():
    for name, kind in TYPES.items():
        if name not in ROOTS and not kind.description:
            yield name
        for field_name, field in getattr(kind, "fields", {}).items():
            place = f"{name}.{field_name}"
            if not field.description:
                yield place
            for argument_name, argument in getattr(field, "args", {}).items():
                # What an `input` is, its type says; strawberry would have it said once more.
                own = name == "Mutation" and argument_name == "input"
                if not own and not argument.description:
                    yield f"{place}({argument_name})"


def test_every_type_field_and_argument_is_described():
    """Not the values of enums: those are the domain's own, which knows no strawberry."""
    assert list(undescribed()) == []


def test_there_are_things_to_describe():
    """Else the test above looks at nothing."""
    assert sum(isinstance(kind, GraphQLInputObjectType) for kind in TYPES.values()) > 15
    assert sum(isinstance(kind, GraphQLEnumType) for kind in TYPES.values()) > 5
    assert len(TYPES) > 60


def test_a_description_ends_like_a_sentence_and_has_no_space_around():
    for name, kind in TYPES.items():
        texts = [kind.description, *(f.description for f in getattr(kind, "fields", {}).values())]
        for text in filter(None, texts):
            assert text == text.strip(), name
            if name not in ("Int", "Float", "String", "Boolean", "ID"):
                assert text.endswith((".", "…", "`")), f"{name}: {text}"
