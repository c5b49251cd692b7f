"""What a program calls itself, in words that its user knows."""

from ua_parser import parse

parse("Mozilla/5.0")  # the first time takes a third of a second


def name(agent: str) -> str | None:
    """`Chrome Mobile on Android`, say, of a User-Agent; None if it says neither."""
    found = parse(agent)
    parts = [part.family for part in (found.user_agent, found.os) if part is not None]
    return " on ".join(parts) or None
