"""Media types: which a client takes (RFC 9110, 12.5.1) and which it sends."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"

_OFFERED = (JSON, RESPONSE_JSON)


class _Range(NamedTuple):
    name: str
    quality: float
    utf_8: bool


def choose(accept: Sequence[str]) -> str | None:
    """The media type for the answer, from the values of all Accept headers; None: none will do.

    The highest quality wins, then the one that is named before the one that is only covered, then
    the one named first.
    """
    ranges = list(_ranges(accept))
    if not ranges:
        return JSON
    best: tuple[float, int, int] | None = None
    chosen = None
    for offered in _OFFERED:
        place, specific = _best_match(ranges, offered)
        if specific < 0 or ranges[place].quality <= 0:
            continue
        rank = (ranges[place].quality, specific, -place)
        if best is None or rank > best:
            best, chosen = rank, offered
    return chosen


def qualities(values: Sequence[str]) -> dict[str, float]:
    """Of each name in all values of a header such as Accept-Encoding."""
    return {range_.name: range_.quality for range_ in _ranges(values)}


def prefers_events(accept: Sequence[str]) -> bool:
    """Whether an event stream is asked for by name, and no JSON before it."""
    named = {range_.name: (range_.quality, -place) for place, range_ in enumerate(_ranges(accept))}
    nothing = (0.0, 0)
    wanted = named.get(EVENTS, nothing)
    return wanted > nothing and all(wanted > named.get(other, nothing) for other in _OFFERED)


def is_json(content_type: str) -> bool:
    name, parameters = _split(content_type)
    return name == JSON and _is_utf_8(parameters)


def _best_match(ranges: Sequence[_Range], offered: str) -> tuple[int, int]:
    """The place of the most specific range that covers it, and how specific that is (-1: none)."""
    found = (-1, -1)
    for place, range_ in enumerate(ranges):
        specific = {offered: 2, "application/*": 1, "*/*": 0}.get(range_.name, -1)
        if range_.utf_8 and specific > found[1]:
            found = (place, specific)
    return found


def _ranges(accept: Iterable[str]) -> Iterable[_Range]:
    for text in ",".join(accept).split(","):
        name, parameters = _split(text)
        if not name:
            continue
        try:
            quality = float(parameters.get("q", "1"))
        except ValueError:
            quality = 0.0
        yield _Range(name, quality, _is_utf_8(parameters))


def _split(text: str) -> tuple[str, dict[str, str]]:
    name, *rest = text.split(";")
    pairs = (parameter.partition("=") for parameter in rest)
    return name.strip().lower(), {
        key.strip().lower(): value.strip().strip('"').lower() for key, _, value in pairs
    }


def _is_utf_8(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "utf-8") in {"utf-8", "utf8"}
