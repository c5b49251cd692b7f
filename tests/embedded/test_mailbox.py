"""The page of kept mail: for this machine alone, and never in production."""

import asyncio
import stat
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from domain import mail
from domain.mail import Mail, MailKind, Named, NotSent
from embedded import mailbox
from integrations.letters import Letters
from integrations.mail_folder import FolderPost
from tests.embedded.processes import running
from wiring.settings import Settings

LETTERS = Letters("http://127.0.0.1:8000", "Health&Med <no-reply@localhost>")
REQUEST = """
mutation ($email: String!) { requestPasswordReset(input: {email: $email}) { problems { code } } }
"""
REGISTER = """
mutation ($email: String!) {
  registerPatient(input: {
    name: "Ana", cpf: "529.982.247-25", email: $email, password: "quatro palavras"
  }) { problems { code } }
}
"""
LOCAL, PAGE = "127.0.0.1", "http://localhost:8000/dev/mail"


def piece(to: str = "ana@example.com", token: str | None = None) -> Mail:
    return mail.mail(MailKind.RESET_PASSWORD, to, Named(crm=None, token=token))


async def get(app: Starlette, url: str = PAGE, client: str = LOCAL) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(client, 40000))
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.get(url)


async def test_mail_is_shown_the_newest_first_with_links_that_lead_on(tmp_path: Path):
    app, post = Starlette(routes=[mailbox.route(tmp_path)]), FolderPost(tmp_path, LETTERS)
    await post.send(piece("ana@example.com", "first"))
    await post.send(piece("bruno@example.com", "second"))

    answer = await get(app)

    assert answer.status_code == 200
    assert 0 < answer.text.index("To bruno@example.com") < answer.text.index("To ana@example.com")
    link = "http://127.0.0.1:8000/reset-password#second"
    assert f'<a href="{link}">{link}</a>' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_what_is_in_mail_is_text_and_no_part_of_the_page(tmp_path: Path):
    app = Starlette(routes=[mailbox.route(tmp_path)])
    (tmp_path / "1.eml").write_bytes(
        b"To: <script>alert(1)</script>\nSubject: <script>alert(2)</script>\nDate: x\n\n"
        b"<script>alert(3)</script> http://x/\"onclick='alert(4)'\n"
    )

    page = (await get(app)).text

    assert "<script" not in page
    assert "&lt;script&gt;alert(3)" in page
    assert "\"onclick='" not in page


async def test_without_mail_there_is_a_page_all_the_same(tmp_path: Path):
    answer = await get(Starlette(routes=[mailbox.route(tmp_path / "none")]))

    assert "There is none yet" in answer.text


@pytest.mark.parametrize(
    ("url", "client", "status"),
    [
        (PAGE, "127.0.0.1", 200),
        ("http://127.0.0.1:8000/dev/mail", "127.0.0.1", 200),
        ("http://[::1]:8000/dev/mail", "::1", 200),
        (PAGE, "192.0.2.7", 404),
        (PAGE, "no address", 404),
        ("http://rebound.example/dev/mail", "127.0.0.1", 404),
    ],
)
async def test_only_this_machine_may_look(tmp_path: Path, url: str, client: str, status: int):
    answer = await get(Starlette(routes=[mailbox.route(tmp_path)]), url, client)

    assert answer.status_code == status


@pytest.mark.parametrize(("environment", "status"), [("local", 200), ("production", 404)])
async def test_in_production_there_is_no_such_page(
    keys_file: Path, tmp_path: Path, environment: str, status: int
):
    settings = Settings(
        database_url="postgresql://",
        keys_file=keys_file,
        environment=environment,
        mail_folder=tmp_path,
    )

    assert (await get(create_app(settings))).status_code == status


async def test_files_are_their_owners_and_there_is_no_half_of_one(tmp_path: Path):
    folder = tmp_path / "mail"

    await FolderPost(folder, LETTERS).send(piece())

    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert file.suffix == ".eml"


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path):
    (tmp_path / "mail").write_text("in the way")

    with pytest.raises(NotSent) as fault:
        await FolderPost(tmp_path / "mail", LETTERS).send(piece())

    assert not fault.value.for_good


async def test_a_run_keeps_its_mail_and_shows_it(begun: Path):
    with running(begun) as run:
        url = f"http://127.0.0.1:{run.port}"
        async with httpx.AsyncClient(trust_env=False, timeout=20, base_url=url) as http:
            for query in (REGISTER, REQUEST):
                asked = {"query": query, "variables": {"email": "lia@example.com"}}
                [answer] = (await http.post("/graphql", json=asked)).json()["data"].values()
                assert answer == {"problems": []}
            async with asyncio.timeout(20):
                while "lia@example.com" not in (page := (await http.get("/dev/mail")).text):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

        assert f'href="{url}/reset-password#' in page
        assert len(list((begun / "mail").glob("*.eml"))) == 1
