"""Callers of the public API, as any client is: GraphQL over HTTP, and feeds over a socket.

Moments are of time.perf_counter, taken as soon as an answer or an event has been read.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

Json = dict[str, Any]
PATIENCE = 10.0  # seconds for an answer or an event
PROTOCOL = Subprotocol("graphql-transport-ws")


class Fault(Exception):
    """Why it cannot go on, as a sentence for the person who looks on."""


class Refused(Fault):
    """A problem that the server answered: something that its user can act on."""

    def __init__(self, act: str, problem: Json) -> None:
        self.code: str = problem["code"]
        super().__init__(f"{act} was refused with {self.code}: {problem['message']}")


@dataclass(frozen=True)
class Answer:
    """`fields`: those of the root, or of the payload of an act."""

    fields: Json
    sent_at: float
    read_at: float


@dataclass(frozen=True)
class Event:
    """`subject`: the slot or the appointment as it stood when this was sent."""

    kind: str
    subject: Json
    heard_at: float


class Caller:
    """One person's own connection; anonymous until there is a token."""

    def __init__(self, url: httpx.URL, http: httpx.AsyncClient) -> None:
        self._url, self._http = url, http
        self.token: str | None = None

    async def ask(self, document: str, **variables: Any) -> Answer:
        sent_at = perf_counter()
        response = await self._http.post(
            self._url,
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
        )
        read_at = perf_counter()
        try:
            answer = response.json()
            data, errors = answer.get("data"), answer.get("errors")
        except (ValueError, AttributeError):
            data = errors = None
        if errors:
            raise Fault(f"The server answers with an error: {errors[0]['message']}")
        if not isinstance(data, dict):
            raise Fault(f"What answers at {self._url} is no GraphQL server.")
        return Answer(data, sent_at, read_at)

    async def act(self, document: str, **input: Any) -> Answer:
        """A mutation with one field. Raises Refused."""
        answer = await self.ask(document, input=input)
        [(name, payload)] = answer.fields.items()
        if payload["problems"]:
            raise Refused(name, payload["problems"][0])
        return Answer(payload, answer.sent_at, answer.read_at)


class Feed:
    """A subscription on a socket of its own. What comes while nobody expects it waits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._heard: asyncio.Queue[Event | Fault] = asyncio.Queue()

    async def expect(self, kind: str, id: str) -> Event:
        """The next such event about this subject; all that came before it is passed over."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    event = await self._heard.get()
                    if isinstance(event, Fault):
                        raise event
                    if event.kind == kind and event.subject["id"] == id:
                        return event
        except TimeoutError:
            raise Fault(f"{self.name} did not hear {kind} within {PATIENCE:.0f} s.") from None

    async def read(self, socket: ClientConnection) -> None:
        try:
            while True:
                text = await socket.recv()
                heard_at = perf_counter()
                match json.loads(text):
                    case {"type": "next", "payload": {"data": {"change": change}}}:
                        subject = change["subject"] or {"id": ""}  # none with RESYNC
                        self._heard.put_nowait(Event(change["kind"], subject, heard_at))
                    case {"type": "ping"}:
                        await socket.send('{"type":"pong"}')
                    case {"type": "next" | "error" | "complete"} as message:
                        self._heard.put_nowait(Fault(f"{self.name} ended with {message}."))
        except ConnectionClosed:
            self._heard.put_nowait(Fault(f"{self.name} lost its socket: the server closed it."))


@asynccontextmanager
async def listening(
    name: str, url: httpx.URL, token: str | None, document: str, **variables: Any
) -> AsyncGenerator[Feed]:
    """The document names its one field `change`, and in it the slot or appointment `subject`."""
    feed = Feed(name)
    greeting = {"authorization": f"Bearer {token}"} if token else {}
    wish = {"query": document, "variables": variables}
    address = str(url.copy_with(scheme={"http": "ws", "https": "wss"}[url.scheme]))
    try:
        async with connect(address, subprotocols=[PROTOCOL], proxy=None) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": greeting}))
            await socket.recv()  # connection_ack, or it closes
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": wish}))
            reading = asyncio.create_task(feed.read(socket))
            try:
                yield feed
            finally:
                reading.cancel()
    except (OSError, WebSocketException) as fault:
        raise Fault(f"{name} cannot listen at {address}: {fault}") from fault
