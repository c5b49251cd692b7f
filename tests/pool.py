"""A user pool as moto plays it, and what is asked of it held against Amazon's own description."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiobotocore.client
import boto3
import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from tests.shapes import faults

REGION = "sa-east-1"
_MODEL = botocore.session.get_session().get_service_model("cognito-idp")


@dataclass(frozen=True)
class PlayedPool:
    """`client`: of boto3, to do there what an administrator of the pool does."""

    id: str
    client_id: str
    secret: str
    url: str
    client: Any

    @property
    def settings(self) -> dict[str, Any]:
        """Of a server whose passwords it keeps."""
        return {
            "identity_provider": "cognito",
            "cognito_pool_id": self.id,
            "cognito_client_id": self.client_id,
            "cognito_client_secret": self.secret,
            "cognito_jwks_url": f"{self.url}/{self.id}/.well-known/jwks.json",
            "cognito_endpoint_url": self.url,
        }

    def users(self) -> list[str]:
        found = self.client.get_paginator("list_users").paginate(UserPoolId=self.id)
        return [user["Username"] for page in found for user in page["Users"]]

    def status(self, username: str) -> str:
        return self.client.admin_get_user(UserPoolId=self.id, Username=username)["UserStatus"]

    def disable(self, username: str) -> None:
        self.client.admin_disable_user(UserPoolId=self.id, Username=username)

    def sign_out(self, username: str) -> None:
        self.client.admin_user_global_sign_out(UserPoolId=self.id, Username=username)


@contextmanager
def played() -> Iterator[PlayedPool]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        client = boto3.client("cognito-idp", region_name=REGION, endpoint_url=url)
        try:
            yield _made(client, url)
        finally:
            client.close()
            server.stop()


def _made(client: Any, url: str) -> PlayedPool:
    composition = ("Uppercase", "Lowercase", "Numbers", "Symbols")  # none is asked for
    policy = {"MinimumLength": 8} | {f"Require{kind}": False for kind in composition}
    made = client.create_user_pool(PoolName="clinic", Policies={"PasswordPolicy": policy})[
        "UserPool"
    ]
    of_ours = client.create_user_pool_client(
        UserPoolId=made["Id"],
        ClientName="server",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return PlayedPool(made["Id"], of_ours["ClientId"], of_ours["ClientSecret"], url, client)


@contextmanager
def noted() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Every operation that is asked of Cognito inside, with its parameters; one that is not as
    Amazon describes it fails there and then.
    """
    seen: list[tuple[str, dict[str, Any]]] = []
    ask = aiobotocore.client.AioBaseClient._make_api_call

    async def noting(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        faults = list(faults_of(operation, parameters))
        assert faults == [], operation
        seen.append((operation, parameters))
        return await ask(client, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiobotocore.client.AioBaseClient, "_make_api_call", noting)
        yield seen


def faults_of(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    yield from faults(_MODEL.operation_model(operation).input_shape, parameters, operation)
