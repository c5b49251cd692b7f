"""What a client asks for, read out of JSON, and who asks; the same over all carriers."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

_SHA256 = "sha256:"


class Malformed(Exception):
    """It is no GraphQL request at all. The message is for the client, and quotes nothing of it."""


class Client(NamedTuple):
    """The program that asks: from which address ("" through a Unix socket), and as what."""

    address: str = ""
    agent: str = ""  # as its User-Agent says


class Caller(Protocol):
    """Who asks, as the roof knows him. `dead`: he holds a token that is not, or no longer, good.
    `open_documents`: he may send what documents he likes, introspection too. `user_id` and
    `session_id` are only compared, and None of somebody anonymous. `expires_at`: of his token.
    """

    @property
    def dead(self) -> bool: ...

    @property
    def open_documents(self) -> bool: ...

    @property
    def client(self) -> Client: ...

    @property
    def user_id(self) -> Hashable: ...

    @property
    def session_id(self) -> Hashable: ...

    @property
    def expires_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`query`, or `hash` of a trusted document, or both. Of another form than ours a hash is one
    that nobody knows. `operation_id`: what a stream of many operations is to call this one.
    """

    query: str | None
    hash: str | None = None
    operation_name: str | None
    variables: Mapping[str, Any]
    operation_id: str | None = None


def read_json(text: bytes | str) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed("This is not valid JSON.") from None
    return value


def read_request(parameters: object) -> Asked:
    """Raises Malformed. Null stands for what is left out, and so does an empty operationName."""
    if isinstance(parameters, list):
        raise Malformed("Batches are not taken: send one operation at a time.")
    if not isinstance(parameters, dict):
        raise Malformed("A request is a JSON object with a query.")
    operation_name = parameters.get("operationName")
    if not isinstance(operation_name, str | None):
        raise Malformed("operationName must be a string or null.")
    variables = parameters.get("variables")
    if not isinstance(variables, dict | None):
        raise Malformed("variables must be an object or null.")
    hash = _hash(parameters)
    query = parameters.get("query")
    if not isinstance(query, str) and (query is not None or hash is None):
        raise Malformed("query must be a string.")
    return Asked(
        query=query,
        hash=hash,
        operation_name=operation_name or None,
        variables=variables or {},
        operation_id=_operation_id(parameters),
    )


def _hash(parameters: Mapping[str, Any]) -> str | None:
    """From `documentId`, as in appendix A of GraphQL over HTTP, or as Apollo's clients send it."""
    document_id = parameters.get("documentId")
    if not isinstance(document_id, str | None):
        raise Malformed("documentId must be a string or null.")
    extensions = parameters.get("extensions")
    if not isinstance(extensions, dict | None):
        raise Malformed("extensions must be an object or null.")
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return document_id.removeprefix(_SHA256) if document_id is not None else None
    if (
        not isinstance(persisted, dict)
        or persisted.get("version") != 1
        or not isinstance(hash := persisted.get("sha256Hash"), str)
    ):
        raise Malformed("extensions.persistedQuery must have version 1 and a sha256Hash.")
    if document_id is not None and document_id != _SHA256 + hash:
        raise Malformed("documentId and extensions.persistedQuery name two documents.")
    return hash


def _operation_id(parameters: Mapping[str, Any]) -> str | None:
    """As graphql-sse sends it; of another kind it is left out."""
    id = (parameters.get("extensions") or {}).get("operationId")
    return id if isinstance(id, str) and id else None
