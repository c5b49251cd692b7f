"""What a client asks for, read out of JSON; the same over HTTP and WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson


class Malformed(Exception):
    """It is no GraphQL request at all. The message is for the client, and quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


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
    query = parameters.get("query")
    if not isinstance(query, str):
        raise Malformed("query must be a string.")
    operation_name = parameters.get("operationName")
    if not isinstance(operation_name, str | None):
        raise Malformed("operationName must be a string or null.")
    variables = parameters.get("variables")
    if not isinstance(variables, dict | None):
        raise Malformed("variables must be an object or null.")
    if not isinstance(parameters.get("extensions"), dict | None):
        raise Malformed("extensions must be an object or null.")
    return Asked(query=query, operation_name=operation_name or None, variables=variables or {})
