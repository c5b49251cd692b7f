"""The mail that this server would have sent, as a page: GET /dev/mail, for this machine alone."""

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape
from ipaddress import ip_address
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

SHOWN = 50
_LINK = re.compile(r"https?://[^\s<>\"]+")
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mail</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1d2733; background: #f3f5f7; }}
article {{ background: #fff; border: 1px solid #dde3e8; border-radius: .5rem; margin: 1rem 0;
  padding: 1rem 1.25rem; }}
h2 {{ font-size: 1.1rem; margin: 0; }}
p {{ color: #5b6770; margin: .25rem 0; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }}
iframe {{ width: 100%; height: 36rem; border: 1px solid #dde3e8; }}
</style>
</head>
<body>
<h1>Mail</h1>
<p>What this server would have sent, the newest first.</p>
{articles}
</body>
</html>
"""
_ARTICLE = """\
<article>
<h2>{subject}</h2>
<p>To {to}, {date}</p>
<pre>{plain}</pre>
<details><summary>As HTML</summary>
<iframe sandbox srcdoc="{rich}" title="{subject}"></iframe></details>
</article>"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def route(folder: Path) -> Route:
    """Whoever reads this page may take over any account, so that only this machine may."""

    async def show(request: Request) -> Response:
        if not _from_here(request):
            return PlainTextResponse("Not Found", status_code=404)
        page = await run_in_threadpool(_page, folder)
        return HTMLResponse(page, headers=_HEADERS)

    return Route("/dev/mail", show)


def _from_here(request: Request) -> bool:
    """By the address, and by the name asked for: a page elsewhere may have one that leads here."""
    here = {"localhost", "127.0.0.1", "::1"}
    try:
        local = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return local and request.url.hostname in here


def _page(folder: Path) -> str:
    files = sorted(folder.glob("*.eml"), reverse=True)[:SHOWN]
    articles = "\n".join(_articles(files)) or "<p>There is none yet.</p>"
    return _PAGE.format(articles=articles)


def _articles(files: list[Path]) -> Iterator[str]:
    parser = BytesParser(_class=EmailMessage, policy=policy.default)
    for file in files:
        letter = parser.parsebytes(file.read_bytes())
        plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
        yield _ARTICLE.format(
            subject=escape(letter["Subject"]),
            to=escape(letter["To"]),
            date=escape(letter["Date"]),
            plain=_linked(plain.get_content() if plain else ""),
            rich=escape(rich.get_content() if rich else ""),
        )


def _linked(text: str) -> str:
    return _LINK.sub(r'<a href="\g<0>">\g<0></a>', escape(text))
