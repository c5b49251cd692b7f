import pytest

from tests.transport.world import schema
from transport.documents import Documents, OperationType
from transport.errors import Unfit
from transport.execution import core_schema
from transport.limits import Limits

LIMITS = Limits(document_bytes=20_000, document_tokens=2_000, documents_kept=2)


@pytest.fixture
def documents() -> Documents:
    return Documents(core_schema(schema), limits=LIMITS)


def refused(documents: Documents, text: str, name: str | None = None) -> tuple[str, str]:
    """Code and message."""
    with pytest.raises(Unfit) as unfit:
        documents.prepare(text, name)
    [code] = {error["extensions"]["code"] for error in unfit.value.errors}
    return code, unfit.value.errors[0]["message"]


def refusal(documents: Documents, text: str, name: str | None = None) -> str:
    code, message = refused(documents, text, name)
    assert code == "BAD_USER_INPUT"
    return message


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
        "{ ...A } fragment A on Query { ...A }",
        "type Query { who: String }",
        '{ who "\ud800" }',
        '{ hello(name: "a\\u0000b") }',
        '{ hello(name: "a\0b") }',
        '{ hello(name: """a\0b""") }',
    ],
)
def test_hostile_texts_are_refused_like_others(documents, text):
    assert refusal(documents, text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ who " * 900, "nested too deeply to be read"),
        ("{ words " * 400 + "{ length " + "}" * 401, "nested too deeply to be read"),
        ("{ hello(name: " + "[" * 900 + "]" * 900 + ") }", "nested too deeply to be read"),
        ("{ who }" + " " * 19_994, "bytes: 20001, at most 20000"),
        ('{ hello(name: "' + "é" * 9_991 + '") }', "bytes: 20001, at most 20000"),
        ("{ " + "a " * 1_999 + "}", "tokens: more than 2000, at most 2000"),
        ("#\n" * 2_001 + "{ who }", "comments: 2001, at most 2000"),
        ("{ " + "who " * 21 + "}", "root fields: 21, at most 20; repeats: 21, at most 20"),
        ("{ a " * 13 + "}" * 13, "depth: 13, at most 12"),
    ],
)
def test_what_is_too_complex_is_told_what_of_it_is(documents, text, reason):
    code, message = refused(documents, text)

    assert code == "TOO_COMPLEX"
    assert reason in message


def test_what_is_just_small_enough_is_read(documents):
    variables = " ".join(f"$v{n}: Int" for n in range(498))

    documents.prepare("{ who }" + " " * 19_993)
    documents.prepare("#\n" * 2_000 + "{ who }")
    documents.prepare('{ hello(name: "' + "é" * 9_990 + '") }')
    documents.prepare(
        "{ selected " + " ".join(f"w{n}: words {{ length }}" for n in range(19)) + "}"
    )
    assert "'$v0' is never used" in refusal(documents, f"query ({variables}) {{ who who who }}")


def test_no_more_than_some_errors_are_told(documents):
    with pytest.raises(Unfit) as refused:
        documents.prepare("{ words { " + " ".join(f"f{n}" for n in range(500)) + " } }")

    assert len(refused.value.errors) <= 21


def test_a_document_knows_whether_it_asks_for_the_schema(documents):
    assert documents.prepare("{ ...A } fragment A on Query { __schema { __typename } }").introspects
    assert not documents.prepare("{ __typename }").introspects
