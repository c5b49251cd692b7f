"""What the page says in English, and what it says there in Portuguese: from its own catalogues."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NODE = Path(sys.executable).with_name("node")
HOLE = re.compile(r"\{\{(\w+)\}\}")


@cache
def catalogues() -> dict[str, dict[str, str]]:
    """{language: {key: text}}"""
    printed = subprocess.run([NODE, HERE / "words.mjs"], check=True, capture_output=True, text=True)
    found: dict[str, dict[str, str]] = json.loads(printed.stdout)
    return found


@cache
def portuguese(english: str) -> str:
    """Of a text; of a part of one, and then the longest piece between its holes; or of one whose
    holes are filled, with the same in them. LookupError where the page says it nowhere, or in
    several places that differ in Portuguese: say both there.
    """
    theirs, ours = catalogues()["en"], catalogues()["pt-BR"]
    same = [key for key, text in theirs.items() if text == english]
    part = [key for key, text in theirs.items() if english in text]
    if keys := same or part:
        said = {key: max(HOLE.split(ours[key])[::2], key=len).strip() for key in keys}
    else:
        fits = {key: it for key in theirs if (it := _filled(english, theirs[key], ours[key]))}
        most = max((len(HOLE.sub("", theirs[key])) for key in fits), default=0)
        said = {key: it for key, it in fits.items() if len(HOLE.sub("", theirs[key])) == most}
    if not said:
        raise LookupError(f"the page says {english!r} nowhere")
    if len(set(said.values())) > 1:
        raise LookupError(f"{english!r} may be any of {said}")
    return said.popitem()[1]


def _filled(english: str, text: str, translated: str) -> str | None:
    """Holes alone fit anything: there must be a word of three letters beside them."""
    around, names = HOLE.split(text)[::2], HOLE.findall(text)
    if not names or not re.search(r"\w{3}", " ".join(around)):
        return None
    held = "".join(
        f"(?P<{name}>.+?){re.escape(after)}" for name, after in zip(names, around[1:], strict=True)
    )
    match = re.fullmatch(re.escape(around[0]) + held, english)
    return match and HOLE.sub(lambda hole: match[hole[1]], translated)
