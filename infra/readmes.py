"""Writes the README of each module of infra/, from what its files say of themselves.

python infra/readmes.py            write those that are not as they should be
python infra/readmes.py --check    change nothing; name them, and exit with 1
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
_BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_RESOURCE = re.compile(r'^(resource|data|module) "([\w-]+)"(?: "(\w+)")? \{', re.MULTILINE)
_DESCRIPTION = re.compile(r'^  description\s*=\s*"(.*)"$', re.MULTILINE)
_TYPE = re.compile(r"^  type\s*=\s*(.+?)$(?=\n  \w|\n\n|\n?\Z)", re.MULTILINE | re.DOTALL)
_DEFAULT = re.compile(r"^  default\s*=\s*(.+?)(?=\n  \w|\n\n|\Z)", re.MULTILINE | re.DOTALL)


def modules() -> list[Path]:
    return [HERE, *sorted(path for path in (HERE / "modules").iterdir() if path.is_dir())]


def readme(module: Path) -> str:
    name = "healthmed" if module == HERE else module.name
    return "\n".join(
        [
            f"# {name}",
            "",
            "<!-- Made by infra/readmes.py: change the .tf files, and run it. -->",
            "",
            _about(module),
            "",
            "## Inputs",
            "",
            *_inputs(module),
            "",
            "## Outputs",
            "",
            *_outputs(module),
            "",
            "## What it makes",
            "",
            *_resources(module),
            "",
        ]
    )


def _about(module: Path) -> str:
    """The comment at the head of main.tf."""
    lines = (module / "main.tf").read_text().splitlines()
    said: list[str] = []
    for line in lines:
        if not line.startswith("#"):
            break
        said.append(line.removeprefix("#").removeprefix(" "))
    return "\n".join(said)


def _inputs(module: Path) -> Iterator[str]:
    yield "| name | what | type | default |"
    yield "|---|---|---|---|"
    for name, body in _blocks(module, "variable"):
        default = _DEFAULT.search(body)
        given = f"`{_one_line(default[1])}`" if default else "needed"
        kind = _TYPE.search(body)
        of = _one_line(kind[1]) if kind else "any"
        yield f"| {name} | {_description(body)} | `{of}` | {given} |"


def _outputs(module: Path) -> Iterator[str]:
    yield "| name | what |"
    yield "|---|---|"
    for name, body in _blocks(module, "output"):
        yield f"| {name} | {_description(body)} |"


def _resources(module: Path) -> Iterator[str]:
    found = set()
    for file in sorted(module.glob("*.tf")):
        for kind, what, name in _RESOURCE.findall(file.read_text()):
            found.add(f"- `{what}.{name}`" if kind == "resource" else f"- {kind} `{what}`")
    return iter(sorted(found))


def _blocks(module: Path, kind: str) -> Iterator[tuple[str, str]]:
    file = module / {"variable": "variables.tf", "output": "outputs.tf"}[kind]
    for found, name, body in _BLOCK.findall(file.read_text()):
        if found == kind:
            yield name, body


def _description(body: str) -> str:
    found = _DESCRIPTION.search(body)
    if found is None:
        raise ValueError(f"there is no description in {body!r}")
    return found[1].replace('\\"', '"').replace("|", "\\|")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).replace("|", "\\|")


def main() -> None:
    differing = [
        module
        for module in modules()
        if not (module / "README.md").exists()
        or (module / "README.md").read_text() != readme(module)
    ]
    if "--check" in sys.argv[1:]:
        for module in differing:
            print(
                f"{module.relative_to(HERE.parent)}/README.md is not as infra/readmes.py makes it"
            )
        sys.exit(bool(differing))
    for module in differing:
        (module / "README.md").write_text(readme(module))
        print(f"{module.relative_to(HERE.parent)}/README.md")


if __name__ == "__main__":
    main()
