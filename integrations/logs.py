"""The log: one line of JSON for each record, or text for whoever looks at a terminal.

Of an exception its class is told and where it came from, never its message: a library's may quote
the value that it could not read. Postgres' code and the system's number are told with it.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TypeAlias

from opentelemetry.trace import get_current_span

Form: TypeAlias = Literal["json", "text"]
FORMS: Mapping[str, Form] = {"json": "json", "text": "text"}
_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def set_up(form: Form, request_id: Callable[[], str | None]) -> None:
    """For the whole process, on stderr.

    Not below WARNING: at INFO SQLAlchemy tells parameters, and uvicorn the paths of WebSockets.
    """
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(JsonLines(request_id) if form == "json" else Text(request_id))
    logging.basicConfig(level=logging.WARNING, handlers=[output], force=True)


class Text(logging.Formatter):
    def __init__(self, request_id: Callable[[], str | None]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(request)s")
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        id = self._request_id()
        record.request = f" [request {id}]" if id else ""
        record.exc_text = None  # another formatter's may stand there, with the message
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = _message(record)
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802
        lines: list[str] = []
        for error in _chain(ei[1]):
            lines += ["Traceback (most recent call last):"]
            lines += [f"  {place}" for place in _places(error)]
            lines += [_named(error)]
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    def __init__(self, request_id: Callable[[], str | None]) -> None:
        super().__init__()
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if id := self._request_id():
            told["request_id"] = id
        span = get_current_span().get_span_context()
        if span.is_valid:
            told["trace_id"] = format(span.trace_id, "032x")
        if record.exc_info and record.exc_info[1]:
            told["errors"] = [
                {"type": _named(error), "at": _places(error)}
                for error in _chain(record.exc_info[1])
            ]
        return json.dumps(told, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """What asyncio says ends in lines in which exceptions stand in full."""
    message = record.getMessage()
    return message.partition("\n")[0] if record.name == "asyncio" else message


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, the latest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _named(error: BaseException) -> str:
    kind = type(error)
    code = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    return f"{name} ({code})" if code else name


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__, limit=-30)
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
