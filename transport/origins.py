"""Whose pages may open a socket (RFC 6455, 10.2; RFC 6454), and have a cookie kept.

Browsers send Origin with every handshake and POST, and no page can change it; who sends none is no
browser, and may. Browsers ask nobody before they open a socket to another site, so it is we who
must look.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ENCRYPTED = {"https", "wss"}


def allows(headers: Headers, scheme: str, origins: Collection[str]) -> bool:
    """`scheme`: as we are reached. `origins`: as browsers write them; "*" for all."""
    named = headers.getlist("origin")
    if not named or "*" in origins:
        return True
    if len(named) > 1:
        return False
    return named[0].lower() in origins or _is_own(named[0], headers.get("host", ""), scheme)


def _is_own(origin: str, host: str, scheme: str) -> bool:
    """Whether the page came from where the socket goes.

    A proxy may have taken the encryption off, so that wss and https prove that the page is of
    https, but ws and http prove nothing.
    """
    try:
        page, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        came_from = (page.hostname, page.port or default)
        goes_to = (ours.hostname, ours.port or default)
    except ValueError:
        return False
    if default is None or page.hostname is None:
        return False
    if scheme in _ENCRYPTED and page.scheme != "https":
        return False
    return came_from == goes_to
