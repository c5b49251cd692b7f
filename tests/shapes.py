"""What is said to or by a service of Amazon, held against its own description, as botocore has it.

More than botocore looks at itself: lengths, patterns, enumerations and numbers too.
"""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_IN_PYTHON = {
    r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+": r"\S+",  # classes that are Java's
    r"[\S]+": r"\S(?:.*\S)?",  # of passwords: by Amazon's guide a space may stand inside
}


def faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape:
        case StructureShape():
            yield from _faults_of_structure(shape, value, path)
        case MapShape():
            for name, part in value.items():
                yield from faults(shape.key, name, f"{path} key")
                yield from faults(shape.value, part, f"{path}.{name}")
        case ListShape():
            if not isinstance(value, list) or not _within(shape, len(value)):
                yield f"{path}: no list, or too short or too long"
                return
            for part in value:
                yield from faults(shape.member, part, f"{path}[]")
        case StringShape():
            yield from (f"{path} {fault}" for fault in _faults_of_text(shape, value))
        case _ if not _is_number_or_truth(shape, value):
            yield f"{path}: a {shape.type_name}?"


def _faults_of_structure(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: no structure"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, part in value.items():
        if name not in shape.members:
            yield f"{path}: there is no {name}"
        else:
            yield from faults(shape.members[name], part, f"{path}.{name}")


def _faults_of_text(shape: StringShape, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield "is no text"
        return
    if not _within(shape, len(value)):
        yield "is too short or too long"
    pattern = shape.metadata.get("pattern", "")
    pattern = _IN_PYTHON.get(pattern, pattern)
    if pattern and not re.fullmatch(pattern, value):
        yield f"is not like {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"is none of {shape.enum}"


def _within(shape: Shape, size: int) -> bool:
    rules = shape.metadata
    return bool(rules.get("min", size) <= size <= rules.get("max", size))


def _is_number_or_truth(shape: Shape, value: Any) -> bool:
    match shape.type_name:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and _within(shape, value)
        case _:
            return False
