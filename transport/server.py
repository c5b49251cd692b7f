"""The whole of it: one path that speaks HTTP and WebSocket for one schema."""

from collections.abc import Sequence
from typing import Generic

import strawberry
from starlette.routing import BaseRoute, Route, WebSocketRoute

from transport.documents import Documents
from transport.execution import Authenticate, C, MakeContext, Operations, core_schema
from transport.http import HttpDoor
from transport.limits import Limits
from transport.websocket import SocketDoor


class GraphQLServer(Generic[C]):
    """`authenticate` is given the value of an Authorization header, or None, and never raises; for
    None it answers somebody anonymous. `make_context` is given him and the names of all selected
    fields, once for each operation and each event.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        authenticate: Authenticate[C],
        make_context: MakeContext[C],
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits()
        documents = Documents(
            core_schema(schema),
            max_bytes=limits.document_bytes,
            max_tokens=limits.document_tokens,
            keep=limits.documents_kept,
        )
        operations = Operations(
            schema,
            authenticate=authenticate,
            make_context=make_context,
            seconds=limits.operation_seconds,
        )
        self._http = HttpDoor(documents, operations, authenticate=authenticate, limits=limits)
        self._sockets = SocketDoor(documents, operations, authenticate=authenticate, limits=limits)

    def routes(self, path: str = "/graphql") -> Sequence[BaseRoute]:
        return [Route(path, self._http), WebSocketRoute(path, self._sockets)]
