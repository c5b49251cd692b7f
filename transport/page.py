"""The web page: the files that its build has made (web/), read once, at the start.

`page/` is served, `paths.json` are the page's own routes, each of them answered with index.html,
and `documents.json` are its trusted documents (transport/trusted.py). The playground, for those who
build on the API, is a page of its own with a policy of its own. Names under /assets have a
hash of what is in them, so that they are kept for ever; the rest is asked for anew each time.
"""

import hashlib
import mimetypes
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from transport.compression import choose

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_ANEW = "no-cache"
_SUFFIXES = {"br": ".br", "gzip": ".gz"}  # as the build compresses
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
}
_USED = "camera=(self), microphone=(self), display-capture=(self), geolocation=(self)"

_PICTURES = "'self' data: blob:"

# The playground's editor writes its styles into the document and has its icons in a font within
# them; scripts are files of ours there too.
_EDITOR = {
    "style_src": "'self' 'unsafe-inline'",
    "font_src": "'self' data:",
}

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class BrokenPage(Exception):
    """There is no page in that folder; the message says why, and the server does not start."""


class UnusableTiles(Exception):
    """The message says what is wrong with them, and the server does not start."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Pictures for the map, which gets on without. `url` has {z}, {x}, {y} in it, and may have {s}.

    `attribution` is HTML, as whoever made the tiles gives it. Raises UnusableTiles.
    """

    url: str
    attribution: str

    def __post_init__(self) -> None:
        if not all(part in self.url for part in ("{z}", "{x}", "{y}")):
            raise UnusableTiles(
                f"{self.url} is no address of tiles: {{z}}, {{x}} or {{y}} is lacking."
            )
        if re.fullmatch(r"https?://({s}\.)?[\w.-]+(:\d+)?/\S+", self.url) is None:
            raise UnusableTiles(f"{self.url} is no address of tiles: it has no plain host.")
        if not self.attribution:
            raise UnusableTiles("There is no attribution: whoever made the tiles wants one.")

    @property
    def origin(self) -> str:
        """As a policy names it."""
        parts = urlsplit(self.url.replace("{s}", "*"))
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class File:
    """`codings`: its bytes by content coding; "" as it is."""

    media_type: str
    etag: str
    codings: Mapping[str, bytes]


class Page:
    def __init__(self, folder: Path) -> None:
        """Raises BrokenPage."""
        try:
            self._files = dict(_read(folder / "page"))
            self._paths: list[str] = orjson.loads((folder / "paths.json").read_bytes())
            self._index = self._files.pop("/index.html")
            self._playground = self._files.pop("/playground.html")
            self._offline = self._files.pop("/offline.html")
            self._worker = self._files.pop("/worker.js")
        except (OSError, KeyError, orjson.JSONDecodeError) as fault:
            raise BrokenPage(f"{folder} is no build of the page: {fault}") from fault
        self.documents = folder / "documents.json"

    def routes(
        self,
        *,
        connects: Collection[str] = (),
        tiles: Tiles | None = None,
        makes_workers: bool = False,
    ) -> Iterator[Route]:
        """`connects`: origins besides our own that the page sends to and reads from.
        `makes_workers`: whether scripts of ours may make workers out of text.
        """
        besides = {"img_src": f"{_PICTURES} {tiles.origin}"} if tiles else {}
        if makes_workers:
            besides["worker_src"] = "'self' blob:"
        policy = _policy(connects, **besides)
        index = _showing(self._index, {**policy, "permissions-policy": _USED})
        for path in self._paths:
            yield Route(re.sub(r":(\w+)", r"{\1}", path), index)
        yield Route("/playground", _showing(self._playground, _policy((), **_EDITOR)))
        # The worker fetches, and does no more; /offline.html is what it shows without a line.
        fetching = {"content-security-policy": "default-src 'none'; connect-src 'self'"}
        yield Route("/worker.js", _showing(self._worker, fetching))
        yield Route("/offline.html", _showing(self._offline, _policy(())))
        yield Route("/map.json", _serving("/map.json", _map(tiles)))
        for path, file in self._files.items():
            yield Route(path, _serving(path, file))


def _showing(file: File, policy: Mapping[str, str]) -> Endpoint:
    async def show(request: Request) -> Response:
        return _answer(request, file, {"cache-control": _ASK_ANEW, **policy})

    return show


def _serving(path: str, file: File) -> Endpoint:
    kept = _FOR_EVER if path.startswith("/assets/") else _ASK_ANEW

    async def serve(request: Request) -> Response:
        return _answer(request, file, {"cache-control": kept})

    return serve


def _answer(request: Request, file: File, headers: Mapping[str, str]) -> Response:
    coding = choose(request.headers.getlist("accept-encoding"))
    body = file.codings.get(coding or "")
    if body is None:
        coding, body = None, file.codings[""]
    told = {**headers, "etag": file.etag}
    if _has(request.headers, file.etag):
        return Response(status_code=304, headers=told)
    if coding is not None:
        told |= {"content-encoding": coding, "vary": "accept-encoding"}
    return Response(body, headers=told, media_type=file.media_type)


def _has(headers: Headers, etag: str) -> bool:
    """By the weak comparison (RFC 9110, 13.1.2)."""
    tags = (tag.strip() for tag in headers.get("if-none-match", "").split(","))
    return any(tag in {"*", etag} for tag in tags)


def _map(tiles: Tiles | None) -> File:
    told = asdict(tiles) if tiles else None
    return _file("application/json", {"": orjson.dumps({"tiles": told})})


def _file(media_type: str, codings: Mapping[str, bytes]) -> File:
    etag = f'W/"{hashlib.sha256(codings[""]).hexdigest()[:32]}"'
    return File(media_type=media_type, etag=etag, codings=codings)


def _read(folder: Path) -> Iterator[tuple[str, File]]:
    compressed = set(_SUFFIXES.values())
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.suffix in compressed:
            continue
        codings = {"": path.read_bytes()}
        for coding, suffix in _SUFFIXES.items():
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                codings[coding] = beside.read_bytes()
        guessed = mimetypes.guess_type(path.name)[0]
        media_type = _TYPES.get(path.suffix) or guessed or "application/octet-stream"
        yield f"/{path.relative_to(folder).as_posix()}", _file(media_type, codings)


def _policy(connects: Collection[str], **besides: str) -> dict[str, str]:
    """What a page may load and do. Of scripts and styles only files of ours, none within HTML."""
    sources = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": _PICTURES,
        "media-src": "'self' blob:",
        "font-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "connect-src": " ".join(["'self'", *connects]),
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        **{name.replace("_", "-"): value for name, value in besides.items()},
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in sources.items()),
        "cross-origin-opener-policy": "same-origin",
    }
