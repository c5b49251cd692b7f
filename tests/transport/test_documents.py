import pytest

from tests.transport.world import schema
from transport.documents import Documents, OperationType
from transport.errors import Unfit
from transport.execution import core_schema


@pytest.fixture
def documents() -> Documents:
    return Documents(core_schema(schema), max_bytes=20_000, max_tokens=2_000, keep=2)


def refusal(documents: Documents, text: str, name: str | None = None) -> str:
    with pytest.raises(Unfit) as refused:
        documents.prepare(text, name)
    assert all(error["extensions"] == {"code": "BAD_USER_INPUT"} for error in refused.value.errors)
    return refused.value.errors[0]["message"]


def test_a_text_is_studied_once_while_it_is_remembered(documents):
    first = documents.prepare("{ who }")

    assert documents.prepare("{ who }") is first
    documents.prepare("{ hello }")
    documents.prepare("{ selected }")
    assert documents.prepare("{ who }") is not first


def test_the_key_tells_texts_and_names_apart(documents):
    text = "query A { who } query B { who }"
    keys = {documents.prepare(text, name).key for name in "AB"} | {documents.prepare("{ who }").key}

    assert len(keys) == 3


def test_an_operation_is_chosen_by_its_name(documents):
    text = 'query A { who } mutation B { shout(word: "") }'

    assert documents.prepare(text, "B").type is OperationType.MUTATION
    assert "several operations" in refusal(documents, text)
    assert "no operation of this name" in refusal(documents, text, "C")
    assert refusal(documents, "fragment F on Query { who }")


def test_an_unknown_field_is_refused_without_a_hint_at_the_schema(documents):
    assert refusal(documents, "{ hell }") == "Cannot query field 'hell' on type 'Query'."
    assert refusal(documents, "{ hell }") == "Cannot query field 'hell' on type 'Query'."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "{ who " * 900,
        "{ words " * 400 + "{ length " + "}" * 401,
        "{ who }" + " " * 20_000,
        "{ " + "who " * 2_000 + "}",
        "{ hello(name: " + "[" * 900 + "]" * 900 + ") }",
        "{ ...A } fragment A on Query { ...A }",
        "type Query { who: String }",
        '{ who "\ud800" }',
    ],
)
def test_hostile_texts_are_refused_like_others(documents, text):
    assert refusal(documents, text)


def test_no_more_than_some_errors_are_told(documents):
    with pytest.raises(Unfit) as refused:
        documents.prepare("{ " + " ".join(f"f{n}" for n in range(500)) + " }")

    assert len(refused.value.errors) <= 21
