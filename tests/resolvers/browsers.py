"""A browser that keeps the cookie of a session: what tests of it ask through."""

import json
from collections.abc import Mapping
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

from starlette.responses import Response

from tests.resolvers.test_accounts import registered_patient
from tests.server import LocalServer, plain
from transport.cookies import Cookie, Jar

COOKIE = Cookie(secure=True, lasts=timedelta(days=30))
SESSION = """
  session { accessToken expiresAt refreshToken viewer { __typename } } problems { code path }
"""
SIGN_IN = f"""
mutation ($input: SignInPatientInput!) {{ signInPatient(input: $input) {{ {SESSION} }} }}
"""
RENEW = f"mutation {{ renewSession {{ {SESSION} }} }}"


class Browser:
    """`token`: what is in its cookie; None: it has none."""

    def __init__(self, server: LocalServer, token: str | None = None) -> None:
        self.server, self.token = server, token

    async def ask(
        self, query: str, session: Mapping[str, str] | None = None, /, **variables: Any
    ) -> Any:
        """The value of the one root field."""
        authorization = f"Bearer {session['accessToken']}" if session else None
        caller = self.server.app.authenticate(authorization)
        operation = self.server.documents.prepare(query)
        jar = Jar(COOKIE, self.token)
        answer = json.loads(
            await self.server.operations.answer(operation, plain(variables), caller, jar)
        )
        assert "errors" not in answer, answer["errors"]
        response = Response()
        jar.write(response)
        if told := response.headers.get("set-cookie"):
            kept = SimpleCookie(told)[COOKIE.name]
            self.token = kept.value if kept["max-age"] != "0" else None
        [value] = answer["data"].values()
        return value

    async def renew(self, token: str | None = None) -> Any:
        """`token`: as a tab sends it that asked a while ago."""
        if token is None:
            return await self.ask(RENEW)
        return await Browser(self.server, token).ask(RENEW)


async def signed_in(server: LocalServer) -> tuple[Browser, dict[str, str]]:
    """The browser of a patient, and the session as its page was told of it."""
    form, _ = await registered_patient(server)
    given = {name: form[name] for name in ("email", "cpf", "password")}
    browser = Browser(server)
    payload = await browser.ask(SIGN_IN, input={**given, "cookie": True})
    assert payload["problems"] == []
    return browser, payload["session"]
