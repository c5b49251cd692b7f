import sys
import time
from dataclasses import fields, replace

import pytest
from graphql import get_introspection_query, parse

from tests.transport.world import schema
from transport.analysis import SATURATED, Measures, analyse, measure
from transport.documents import Documents
from transport.errors import Unfit
from transport.execution import core_schema
from transport.limits import Limits

NO_LIMITS = Limits(**{each.name: 10**9 for each in fields(Measures)})


def bomb(fragments: int) -> str:
    """Each spreads the next one twice."""
    links = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(fragments)]
    return f"{{ ...F0 }} {' '.join(links)} fragment F{fragments} on Query {{ who }}"


def refusal(text: str, limits: Limits) -> str:
    with pytest.raises(Unfit) as refused:
        analyse(parse(text), limits)
    [error] = refused.value.errors
    assert error["extensions"] == {"code": "TOO_COMPLEX"}
    return error["message"]


SIXES = [  # what, and a text that has six of it
    ("operations", " ".join(f"query Q{n} {{ who }}" for n in range(6))),
    ("fragments", "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ who }}" for n in range(6))),
    ("depth", "{ a { b { c { d { e { f } } } } } }"),
    ("depth", "{ a { ... { b { ... on B { c { d { e { f } } } } } } } }"),
    (
        "depth",
        "{ a { b { ...F } } } fragment F on C { c { ...G } } fragment G on D { d { e { f } } }",
    ),
    ("introspection_depth", "{ __schema { b { c { d { e { f } } } } } }"),
    (
        "introspection_depth",
        "{ ...F } fragment F on Q { __type {...G} } fragment G on T { b { c { d { e { f } } } } }",
    ),
    ("selections", "{ a b { c } ... { d e } }"),
    ("selections", "{ ...F ...F } fragment F on Query { a b }"),
    ("selections", "{ who } fragment F on Query { a } fragment F on Query { a b c d }"),
    ("aliases", "{ " + " ".join(f"a{n}: who" for n in range(6)) + " }"),
    ("aliases", "{ ...F ...F } fragment F on Query { a: who b: who words { l: length } }"),
    ("directives", "query ($a: Int @a) @b { who @c @d ... @e { who } ...F @f }"),
    ("directives", "{ ...F ...F } fragment F on Query { who @a @b @c }"),
    ("root_fields", "{ a b ... { c { x y z } d } ...F } fragment F on Query { e f }"),
    ("repeats", "{ " + "who " * 6 + "}"),
    ("repeats", "{ w { l l ...F } w { ...G } } fragment F on W { l l } fragment G on W { l l }"),
    ("repeats", "{ w: a w: b w: c ... { w: d ... { w: e } } ...F ...F } fragment F on Q { w: f }"),
    ("repeats", "{ who } fragment Unused on Query { " + "who " * 6 + "}"),
]


@pytest.mark.parametrize(("what", "text"), SIXES)
def test_each_measure_is_refused_beyond_its_limit_and_not_at_it(what, text):
    assert getattr(measure(parse(text), 100), what) == 6
    analyse(parse(text), replace(NO_LIMITS, **{what: 6}))

    message = refusal(text, replace(NO_LIMITS, **{what: 5}))

    assert f"{what.replace('_', ' ')}: 6, at most 5" in message


def test_all_that_is_beyond_a_limit_is_told_at_once():
    message = refusal("{ a: a { b { c } } }", replace(NO_LIMITS, depth=2, aliases=0))

    assert message == "The document is too complex (depth: 3, at most 2; aliases: 1, at most 0)."


def test_the_path_to_the_schema_has_a_depth_of_its_own():
    measures = measure(parse("{ a { b } __schema { c { d } } }"), 100)

    assert (measures.depth, measures.introspection_depth) == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { who ...B } fragment B on Query { words { ...A } }",
        "{ who } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
def test_a_fragment_that_spreads_itself_is_refused_and_not_followed(text):
    with pytest.raises(Unfit, match="refused") as refused:
        measure(parse(text), 100)

    assert refused.value.errors[0]["message"] == "A fragment spreads itself."


def test_a_fragment_may_be_reached_in_several_ways():
    measure(
        parse(
            "{ ...A ...B ...C } fragment A on Query { ...B ...C ...Unknown }"
            " fragment B on Query { ...C } fragment C on Query { who }"
        ),
        100,
    )


def test_the_usual_tools_can_ask_for_the_schema():
    everything = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert Documents(core_schema(schema)).prepare(everything).introspects


def steps(fragments: int) -> int:
    """How many lines of the analysis are run for a bomb of so many fragments."""
    document = parse(bomb(fragments))
    code = analyse.__code__.co_filename
    count = 0

    def trace(frame, *_):
        nonlocal count
        if frame.f_code.co_filename != code:
            return None
        count += 1
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        measure(document, 1000)
    finally:
        sys.settrace(previous)
    return count


def test_twice_the_fragments_are_twice_the_work():
    few, some, many = steps(100), steps(200), steps(400)

    assert 1.9 < (many - some) / (some - few) < 2.1


def test_a_bomb_is_refused_faster_than_it_is_sent():
    text = bomb(20)
    documents = Documents(core_schema(schema))

    began = time.process_time()
    with pytest.raises(Unfit) as refused:
        documents.prepare(text)
    took = time.process_time() - began

    assert f"selections: {SATURATED} or more, at most 1000" in refused.value.errors[0]["message"]
    assert took < 0.005
    assert measure(parse(bomb(400)), 1000).selections == SATURATED
