"""`./dev run --watch`: a page from Vite on the terms of the server, which is begun anew."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from embedded.watch import Sources
from tests.embedded.processes import (
    ROOT,
    Started,
    alive,
    descendants,
    running,
    wait_until,
    workers_of,
)

RENEW = "mutation { renewSession { problems { code } } }"


def test_changed_are_files_that_are_new_other_or_gone(tmp_path: Path):
    (tmp_path / "domain").mkdir()
    (tmp_path / "app.py").write_text("1")
    kept, gone = tmp_path / "domain/kept.py", tmp_path / "domain/gone.py"
    kept.write_text("1")
    gone.write_text("1")
    sources = Sources(tmp_path)
    assert sources.changed() == []

    gone.unlink()
    (tmp_path / "domain/new.py").write_text("1")
    (tmp_path / "domain/notes.txt").write_text("1")
    os.utime(kept, ns=(1, 1))

    assert sources.changed() == ["domain/gone.py", "domain/kept.py", "domain/new.py"]
    assert sources.changed() == []


def page_of(run: Started) -> str:
    [line] = [each for each in run.said.splitlines() if each.startswith("page ")]
    return line.split()[1]


@pytest.mark.skipif(not (ROOT / "web/node_modules/vite").exists(), reason="Vite is not installed")
def test_one_command_has_all_of_it_and_ends_all_of_it(begun: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", f"{ROOT / '.venv/bin'}:{os.environ['PATH']}")
    path = {"PATH": os.environ["PATH"]}
    with running(begun, "--watch", "--page-port", "0", environment=path) as run:
        origin = page_of(run).rstrip("/")
        client = httpx.Client(
            base_url=origin,
            headers={"origin": origin},
            timeout=60,  # Vite bundles what it depends on meanwhile, on all cores
            trust_env=False,
        )

        def answered(path: str = "/") -> httpx.Response | None:
            try:
                return client.get(path)
            except httpx.TransportError:
                return None

        wait_until(lambda: answered() is not None, 90)  # types of operations are made first
        assert "/src/main.tsx" in client.get("/").text
        assert client.get("/src/main.tsx").status_code == 200
        assert client.get("/playground").text.count("/src/playground/main.tsx") == 1

        def renewed() -> httpx.Response:
            return client.post("/graphql", json={"query": RENEW})

        def taken_for_its_own() -> None:
            """The server takes that origin for its page's: else there would be no cookie."""
            told = renewed().json()["data"]["renewSession"]["problems"]
            assert [it["code"] for it in told] == ["TOKEN_EXPIRED"]

        taken_for_its_own()

        before = workers_of(run.process.pid)
        os.utime(ROOT / "app.py")
        wait_until(
            lambda: bool(workers_of(run.process.pid)) and not workers_of(run.process.pid) & before,
            30,
        )
        taken_for_its_own()

        family = set(descendants(run.process.pid))
        assert run.end(signal.SIGINT) == 0
        wait_until(lambda: not alive(family), 20)
