"""People with an authenticator: what tests of passkeys ask, and how they answer."""

import json
from typing import Any

from tests.authenticator import Authenticator
from tests.resolvers.test_accounts import PASSWORD
from tests.resolvers.test_attempts import sign_in as sign_in_from
from tests.resolvers.test_second_factor import Owner, owner
from tests.server import LocalServer

ORIGIN = "http://localhost:8000"  # of the server's pages, unless it is set otherwise
BEGIN = """
mutation ($input: BeginPasskeyInput!) {
  beginPasskey(input: $input) { options problems { code path } }
}
"""
CONFIRM = """
mutation ($input: ConfirmPasskeyInput!) {
  confirmPasskey(input: $input) {
    passkey { id name createdAt usedAt backedUp } problems { code path message }
  }
}
"""
REMOVE = """
mutation ($input: RemovePasskeyInput!) {
  removePasskey(input: $input) { problems { code path } }
}
"""
BEGIN_SIGN_IN = "mutation { beginPasskeySignIn { options problems { code } } }"
SIGN_IN = """
mutation ($input: SignInWithPasskeyInput!) {
  signInWithPasskey(input: $input) {
    session {
      accessToken refreshToken
      viewer {
        __typename
        ... on DoctorViewer { doctor { id } } ... on PatientViewer { patient { id } }
      }
    }
    problems { code path message }
  }
}
"""
VIEWER = """
{ viewer {
  ... on DoctorViewer { passkeys { id name createdAt usedAt backedUp } }
  ... on PatientViewer { passkeys { id name createdAt usedAt backedUp } }
} }
"""


async def begun(ana: Owner, **given: str) -> str:
    """Options for her browser."""
    payload = await ana.ask(BEGIN, password=PASSWORD, **given)
    assert payload["problems"] == []
    return payload["options"]


async def confirm(ana: Owner, credential: str, name: str = "iPhone") -> Any:
    return await ana.ask(CONFIRM, credential=credential, name=name)


async def add(ana: Owner, device: Authenticator, name: str = "iPhone") -> Any:
    payload = await confirm(ana, device.create(await begun(ana)), name)
    assert payload["problems"] == []
    return payload["passkey"]


async def holder(
    server: LocalServer, role: str = "patient", **device: Any
) -> tuple[Owner, Authenticator]:
    """Somebody with a passkey."""
    ana, made = await owner(server, role), Authenticator(ORIGIN, **device)
    await add(ana, made)
    return ana, made


async def passkeys(ana: Owner) -> Any:
    return (await ana.ask(VIEWER))["passkeys"]


async def asked(server: LocalServer) -> str:
    """Options for a browser that signs in."""
    payload = await server.ask(BEGIN_SIGN_IN)
    assert payload["problems"] == []
    return payload["options"]


async def sign_in(ana: Owner, credential: str, server: LocalServer | None = None) -> Any:
    return await sign_in_from(
        server or ana.server, {"credential": credential}, ana.address, SIGN_IN
    )


def changed(credential: str, **response: str) -> str:
    """The answer, but for these parts of its response."""
    answer = json.loads(credential)
    answer["response"] |= response
    return json.dumps(answer)
