"""The whole server on this machine: `python -m embedded.run`, until Ctrl-C or SIGTERM.

What must be free (the folder, the port) is taken before anything is started, and things end in the
reverse order of their start: the workers, PostgreSQL, SeaweedFS, then the hold on port and folder.
"""

import argparse
import asyncio
import errno
import http.client
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from threading import Thread

import asyncpg

from domain.keys import KeyWrapping
from embedded import at_hand, database, object_store
from embedded.database import Demo
from embedded.folder import DEFAULT, Folder, FolderRefused
from embedded.postgres import Postgres, PostgresFailed
from embedded.seaweed import Seaweed, SeaweedFailed
from embedded.watch import Reloading, Vite
from embedded.workers import WorkerFell, Workers
from integrations import keys

BACKLOG = 4096
MIGRATE = "migrations.migrate"
PATIENCE = 60  # seconds until the server is ready
ACCOUNTS = """
demo accounts, password saude-demo-2026
  doctor   CRM 123456 SP
  doctor   CRM 654321 RJ
  patient  ana@example.com    CPF 529.982.247-25
  patient  bruno@example.com  CPF 111.444.777-35
"""


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        run(options, os.environ)
    except (FolderRefused, PostgresFailed, SeaweedFailed, WorkerFell) as fault:
        sys.exit(str(fault))


def run(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    folder = Folder(options.data.resolve())
    demo_wanted = not options.empty and environment.get("HEALTHMED_ENVIRONMENT") != "production"
    with (
        folder.claim(),
        _listen(options.host, options.port) as listener,
        _listen_for_metrics(options) as metrics,
        _importing(MIGRATE),
    ):
        url = environment.get("HEALTHMED_DATABASE_URL")
        with (
            _farewell("SeaweedFS") if object_store.is_ours(environment) else nullcontext(),
            object_store.begun(folder, environment) as store,
            lent(url) if url else embedded(folder) as (url, postgres),
        ):
            _migrate(url)
            for_servers = _for_servers(url, postgres)
            keys_file = _keys_file(folder, environment, url)
            wrapping = at_hand.wrapping(keys_file, environment)
            has_demo = _demo(url, wrapping, wanted=demo_wanted)
            vite = _vite(options, listener)
            if store is not None:
                with _step("SeaweedFS", "started"):
                    store.wait()
            handed_down = {
                **_of_mail(folder, environment, listener),
                **(vite.settings if vite else {}),
                **object_store.settings(folder, environment, store),
                **environment,
                "HEALTHMED_DATABASE_URL": for_servers,
                "HEALTHMED_KEYS_FILE": str(keys_file),
            }
            with (
                _farewell("server"),
                vite or nullcontext(),
                Workers(listener, metrics, handed_down) as workers,
            ):
                with _step(_count(options.workers), "ready"):
                    _wait_until_ready(listener, workers)
                if vite is not None:
                    vite.start(environment)
                page = vite.origin if vite else _served_page(environment, listener)
                told = _addresses(listener, metrics, page)
                print(told + (ACCOUNTS if has_demo else ""), flush=True)
                _watch(workers, postgres, store, vite)


@contextmanager
def _importing(module: str) -> Iterator[None]:
    """Alembic takes a second to import: meanwhile PostgreSQL starts.

    Waited for even when that fails, since an import breaks in an interpreter that ends.
    """
    thread = Thread(target=importlib.import_module, args=[module])
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """Listening from the start on: a bound port that does not listen could be bound once more."""
    try:
        [family, *_, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            sys.exit(f"Port {port} of {host} is in use by another program; choose another --port.")
        sys.exit(f"Cannot listen on port {port} of {host}: {fault.strerror}.")
    with listener:
        yield listener


@contextmanager
def _listen_for_metrics(options: argparse.Namespace) -> Iterator[list[socket.socket]]:
    """One for each worker, on ports that follow one another; never for others than this machine."""
    first = options.metrics_port
    with ExitStack() as stack:
        yield [
            stack.enter_context(_listen("127.0.0.1", first + number if first else 0))
            for number in range(options.workers)
        ]


@contextmanager
def embedded(folder: Folder) -> Iterator[tuple[str, Postgres]]:
    with _farewell("PostgreSQL"), ExitStack() as stack:
        with _step("PostgreSQL 18", "started"):
            postgres = stack.enter_context(Postgres(folder.postgres))
        server, url = postgres.url(), postgres.url(database.NAME)
        asyncio.run(database.ensure(server))
        if asyncio.run(database.demo(url)) is Demo.LOADING:
            with _step("half of the demo data", "removed"):
                asyncio.run(database.recreate(server))
        yield url, postgres


@contextmanager
def lent(url: str) -> Iterator[tuple[str, None]]:
    """The database of HEALTHMED_DATABASE_URL, which is not ours to start, make or remove."""
    try:
        with _step("the database of HEALTHMED_DATABASE_URL", "reached"):
            asyncio.run(database.reach(url))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        reason = str(fault) or type(fault).__name__
        sys.exit(f"The database of HEALTHMED_DATABASE_URL cannot be reached: {reason}")
    if asyncio.run(database.demo(url)) is Demo.LOADING:
        sys.exit("Loading demo data into this database was interrupted; begin with an empty one.")
    yield url, None


def _migrate(url: str) -> None:
    with _step("migrations", "at head"):
        importlib.import_module(MIGRATE).upgrade(url)


def _for_servers(url: str, postgres: Postgres | None) -> str:
    """What is lent is theirs, too; of ours they are not the owner, so that its walls hold."""
    if postgres is None:
        return url
    asyncio.run(database.let_servers_in(url))
    return postgres.url(database.NAME, database.SERVERS)


def _keys_file(folder: Folder, environment: Mapping[str, str], url: str) -> Path:
    """Made at the first start, never later: new keys would hide that what is sealed is lost."""
    elsewhere = environment.get("HEALTHMED_KEYS_FILE")
    if elsewhere:
        return Path(elsewhere).resolve()
    if not folder.keys.exists():
        if asyncio.run(database.has_accounts(url)):
            sys.exit(f"The database has accounts, but its keys are missing from {folder.keys}.")
        with _step("keys", "made"):
            keys.create(folder.keys, wraps=not environment.get(at_hand.KMS_KEY))
    return folder.keys


def _of_mail(
    folder: Folder, environment: Mapping[str, str], listener: socket.socket
) -> dict[str, str]:
    """Kept in our folder, but in production, and unless there is a server that takes it."""
    settings = {"HEALTHMED_PUBLIC_URL": f"http://{_address(listener)}"}
    if environment.get("HEALTHMED_ENVIRONMENT") != "production":
        settings["HEALTHMED_MAIL_FOLDER"] = str(folder.mail)
    return settings


def _demo(url: str, wrapping: KeyWrapping, *, wanted: bool) -> bool:
    """Whether the demo data is there; loads it if that is wanted and nobody has an account."""
    if asyncio.run(database.demo(url)) is Demo.LOADED:
        return True
    if not wanted or asyncio.run(database.has_accounts(url)):
        return False
    from embedded import seed  # noqa: PLC0415  # draws with rich, which production does without

    with _step("demo data", "loaded", on_one_line=False):
        asyncio.run(database.note(url, Demo.LOADING))
        asyncio.run(seed.load(url, wrapping))
        asyncio.run(database.note(url, Demo.LOADED))
    return True


def _wait_until_ready(listener: socket.socket, workers: Workers) -> None:
    host, port = _within_reach(listener)
    deadline = time.monotonic() + PATIENCE
    while _ask(host, port) != http.HTTPStatus.OK:
        workers.require_all()
        if time.monotonic() > deadline:
            sys.exit(f"The server did not become ready within {PATIENCE} seconds.")
        time.sleep(0.05)


def _ask(host: str, port: int) -> int | None:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _vite(options: argparse.Namespace, listener: socket.socket) -> Vite | None:
    return Vite(options.page_port, f"http://{_address(listener)}") if options.watch else None


def _served_page(environment: Mapping[str, str], listener: socket.socket) -> str | None:
    return f"http://{_address(listener)}" if "HEALTHMED_PAGE" in environment else None


def _watch(
    workers: Workers, postgres: Postgres | None, store: Seaweed | None, vite: Vite | None
) -> None:
    """Without Postgres nothing goes on; without the object store all does but documents."""
    reloading = Reloading(workers) if vite else None
    while True:
        time.sleep(0.2)
        if reloading and vite:
            vite.require()
            reloading.look()
        else:
            for status in workers.revive():
                print(f"a worker ended with status {status} and was started again", file=sys.stderr)
        if postgres is not None and not postgres.is_running():
            sys.exit(f"PostgreSQL has ended by itself; its log is {postgres.log}.")
        if store is not None and (ended := store.revive()) is not None:
            print(f"SeaweedFS ended with status {ended} and was started again", file=sys.stderr)


def _stop(*_: object) -> None:
    """Unwind from wherever we are.

    A second signal must not interrupt that, nor need it: every wait on the way has an end.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


@contextmanager
def _step(what: str, done: str, *, on_one_line: bool = True) -> Iterator[None]:
    print(f"{what} ...", end=" " if on_one_line else "\n", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    lead = "" if on_one_line else f"{what} "
    print(f"{lead}{done} ({time.monotonic() - began:.1f} s)", flush=True)


@contextmanager
def _farewell(what: str) -> Iterator[None]:
    try:
        yield
    finally:
        print(f"{what} stopped", flush=True)


def _count(workers: int) -> str:
    return "server" if workers == 1 else f"server of {workers} workers"


def _addresses(listener: socket.socket, metrics: Sequence[socket.socket], page: str | None) -> str:
    at = _address(listener)
    first = f"\npage       {page}/" if page else ""
    told = "".join(f"metrics    http://127.0.0.1:{m.getsockname()[1]}/metrics\n" for m in metrics)
    return f"""{first}
GraphQL    http://{at}/graphql
WebSocket  ws://{at}/graphql
events     http://{at}/graphql/stream
health     http://{at}/healthz
readiness  http://{at}/readyz
{told}"""


def _address(listener: socket.socket) -> str:
    host, port = _within_reach(listener)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _within_reach(listener: socket.socket) -> tuple[str, int]:
    """Where the server is found from this machine, also if it listens on every address."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104  # not bound here


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev run",
        description="Run Health&Med with a PostgreSQL and an S3 of its own, until Ctrl-C.",
        epilog="HEALTHMED_DATABASE_URL: use that database and start none. "
        "HEALTHMED_S3_BUCKET: keep files there and start no object store. "
        "HEALTHMED_KEYS_FILE: use these keys instead of DIR/keys.json. "
        "HEALTHMED_PAGE: serve the page that was built there. "
        "HEALTHMED_KMS_KEY_ID: wrap data keys by this key of AWS KMS. "
        "HEALTHMED_ENVIRONMENT: local (the default) or production, which gets no demo data.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on, 0 for a free one (%(default)s)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT,
        metavar="DIR",
        help="folder for database, files, logs, keys and mail, made if need be (%(default)s)",
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        default=1,
        metavar="N",
        help="processes that share the port (%(default)s)",
    )
    parser.add_argument(
        "--metrics-port",
        type=_port,
        default=0,
        metavar="PORT",
        help="port for the first worker's metrics; the others' follow; 0: free ones (%(default)s)",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="for work on it: the page from Vite, and a server that is started anew when Python"
        " has changed",
    )
    parser.add_argument(
        "--page-port",
        type=_port,
        default=5173,
        metavar="PORT",
        help="port of --watch's page, 0 for a free one (%(default)s)",
    )
    parser.add_argument("--empty", action="store_true", help="load no demo data")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise ValueError
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_port.__name__, _positive.__name__ = "port", "number"  # as argparse's complaints call them


if __name__ == "__main__":
    main()
