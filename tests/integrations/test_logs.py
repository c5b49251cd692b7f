"""The log tells what happened and where, and nothing that an exception quotes."""

import io
import json
import logging
from collections.abc import Callable

import asyncpg
import pytest
from opentelemetry.sdk.trace import TracerProvider

from integrations.logs import JsonLines, Text

MARK = "zyx-dor-no-peito"


@pytest.fixture(params=[JsonLines, Text])
def log(request) -> tuple[logging.Logger, Callable[[], str]]:
    """A logger, and what it has written."""
    written = io.StringIO()
    output = logging.StreamHandler(written)
    output.setFormatter(request.param(lambda: "r-1"))
    logger = logging.Logger("tests.log")  # noqa: LOG001  # one that no other test shares
    logger.addHandler(output)
    return logger, written.getvalue


def fail():
    try:
        int(MARK)
    except ValueError as error:
        raise RuntimeError(MARK) from error


def test_of_an_exception_the_kind_and_the_place_are_told_and_not_the_message(log):
    logger, written = log

    try:
        fail()
    except RuntimeError:
        logger.exception("it failed")

    said = written()
    assert MARK not in said
    for part in ("it failed", "RuntimeError", "ValueError", "test_logs.py", "in fail", "r-1"):
        assert part in said


def test_the_codes_of_postgres_and_of_the_system_are_told(log):
    logger, written = log

    for error in (asyncpg.UniqueViolationError(MARK), FileNotFoundError(2, MARK, MARK)):
        try:
            raise error
        except (asyncpg.PostgresError, OSError):
            logger.exception("it failed")

    said = written()
    assert "asyncpg.exceptions.UniqueViolationError (23505)" in said
    assert "FileNotFoundError (2)" in said
    assert MARK not in said


def test_another_handler_that_wrote_the_message_leaves_none_here(log):
    logger, written = log
    logger.handlers.insert(0, other := logging.StreamHandler(io.StringIO()))

    try:
        fail()
    except RuntimeError:
        logger.exception("it failed")

    assert MARK in other.stream.getvalue()
    assert MARK not in written()


def test_what_asyncio_says_of_a_task_is_cut_where_it_quotes(log):
    logger, written = log
    said = f"Task exception was never retrieved\nfuture: <Task exception=ValueError({MARK!r})>"

    logger.handle(logger.makeRecord("asyncio", logging.ERROR, "", 0, said, (), None))

    assert "Task exception was never retrieved" in written()
    assert MARK not in written()


def test_a_line_of_json_is_one_line_with_what_it_takes_to_find_the_rest():
    written = io.StringIO()
    output = logging.StreamHandler(written)
    output.setFormatter(JsonLines(lambda: "r-2"))
    logger = logging.Logger("tests.log")  # noqa: LOG001  # one that no other test shares
    logger.addHandler(output)

    with TracerProvider(shutdown_on_exit=False).get_tracer("t").start_as_current_span("s") as span:
        logger.warning("one\ntwo %s", "três")

    [line] = written.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "WARNING",
        "logger": "tests.log",
        "message": "one\ntwo três",
        "request_id": "r-2",
        "trace_id": format(span.get_span_context().trace_id, "032x"),
    }
