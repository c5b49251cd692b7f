"""Tests that are named elsewhere, `file.py::test_name`: whether there are such."""

import ast
from functools import cache

from tests.paths import ROOT


def exists(name: str) -> bool:
    """`name` begins in tests/, and may be of a class: file.py::TestThing::test_name."""
    path, _, test = name.partition("::")
    return test in _tests(path)


@cache
def _tests(path: str) -> frozenset[str]:
    file = ROOT / "tests" / path
    if not file.is_file():
        return frozenset()
    return frozenset(_names(ast.parse(file.read_text()).body))


def _names(body: list[ast.stmt], within: str = "") -> list[str]:
    found: list[str] = []
    for node in body:
        if isinstance(node, ast.ClassDef):
            found += _names(node.body, f"{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
            "test_"
        ):
            found.append(within + node.name)
    return found
