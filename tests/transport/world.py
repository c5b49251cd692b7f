"""A tiny schema with everything in it that a transport has to carry, and a hub made of nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from domain.errors import Forbidden, NotFound
from transport.cookies import Jar
from transport.execution import Admit
from transport.feeds import Render, Sink
from transport.limits import Limits
from transport.requests import Client
from transport.server import GraphQLServer

Even = NewType("Even", int)


def _parse_even(value: Any) -> Even:
    if not isinstance(value, int) or value % 2:
        raise GraphQLError("An even number is needed.")
    return Even(value)


@dataclass(frozen=True)
class Caller:
    """`name` is the user's, who has one session unless the token names another."""

    name: str | None
    dead: bool = False
    open_documents: bool = True
    session_id: str | None = None
    expires_at: datetime | None = None
    address: str = ""

    @property
    def client(self) -> Client:
        return Client(self.address)

    @property
    def user_id(self) -> str | None:
        return self.name


@dataclass
class Following:
    feed: "Feed"
    key: Hashable
    render: Render
    sink: Sink
    left: int = 0
    drained_times: int = 0

    def drained(self) -> None:
        self.drained_times += 1
        self.sink.offer(b'{"data":"RESYNC"}')

    def leave(self) -> None:
        self.left += 1
        if self in self.feed.hub.followings:
            self.feed.hub.followings.remove(self)


@dataclass
class Hub:
    followings: list[Following] = field(default_factory=list)
    all: list[Following] = field(default_factory=list)
    renders: int = 0
    gate: asyncio.Event | None = None  # when there is one, following waits for it
    cancelled: int = 0

    async def publish(self, topic: str, event: object, position: object = None) -> list[bool]:
        groups: dict[Hashable, list[Following]] = defaultdict(list)
        for following in self.followings:
            if following.feed.topic == topic:
                groups[following.key].append(following)
        taken = []
        for group in groups.values():
            self.renders += 1
            payload = await group[0].render(event)
            taken += [following.sink.offer(payload, position) for following in group]
        return taken


@dataclass
class Feed:
    hub: Hub
    topic: str
    scope: Hashable
    after: str | None = None

    def __aiter__(self):
        return self

    async def __anext__(self) -> object:
        raise AssertionError("a feed is followed, not iterated")

    async def follow(self, key: Hashable, render: Render, sink: Sink) -> Following:
        if self.hub.gate:
            try:
                await self.hub.gate.wait()
            except asyncio.CancelledError:
                self.hub.cancelled += 1
                raise
        following = Following(self, key, render, sink)
        self.hub.followings.append(following)
        self.hub.all.append(following)
        return following


@dataclass
class Context:
    caller: Caller
    fields: frozenset[str]
    hub: Hub
    lengths: DataLoader[str, int]


Info = strawberry.Info[Context, None]


@strawberry.input
class PersonInput:
    name: str
    cpf: Even
    tags: list[int] | None = None


@strawberry.type
class Change:
    word: str

    @strawberry.field
    async def length(self, info: Info) -> int:
        return await info.context.lengths.load(self.word)

    @strawberry.field
    def seen_by(self, info: Info) -> str | None:
        return info.context.caller.name


@strawberry.type
class Query:
    @strawberry.field
    async def hello(self, name: str = "you") -> str | None:
        return f"Hello {name}"

    @strawberry.field
    def who(self, info: Info) -> str | None:
        return info.context.caller.name

    @strawberry.field
    def selected(self, info: Info) -> list[str]:
        return sorted(info.context.fields)

    @strawberry.field
    async def words(self) -> list[Change]:
        return [Change(word="a"), Change(word="bb")]

    @strawberry.field
    def person(self, input: PersonInput, times: int = 1) -> str | None:
        return input.name * times

    @strawberry.field
    async def slow(self) -> str | None:
        await asyncio.sleep(60)
        return "late"

    @strawberry.field
    async def gated(self, info: Info) -> str | None:
        assert info.context.hub.gate
        await info.context.hub.gate.wait()
        return "done"

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("the password is hunter2")

    @strawberry.field
    def strict(self) -> str:
        raise RuntimeError("nothing is left of the answer")

    @strawberry.field
    def overflow(self) -> int | None:
        return 2**40

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound("There is no such thing.")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def shout(self, word: str) -> str | None:
        return word.upper()


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(
        self, info: Info, topic: str, after: str | None = None
    ) -> AsyncIterator[Change]:
        return Feed(info.context.hub, topic, scope=None, after=after)

    @strawberry.subscription
    async def mine(self, info: Info, topic: str, after: str | None = None) -> AsyncIterator[Change]:
        del after
        return Feed(info.context.hub, topic, scope=info.context.caller.name)

    @strawberry.subscription
    async def forbidden(self) -> AsyncIterator[Change]:
        raise Forbidden("Not for you.")

    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(
        scalar_map={Even: strawberry.scalar(name="Even", parse_value=_parse_even)}
    ),
)


def authenticate(authorization: str | None, client: Client) -> Caller:
    """A token is a name, or name/session, and may end in @seconds: until it expires."""
    address = client.address
    if authorization is None:
        return Caller(None, address=address)
    token, _, seconds = authorization.removeprefix("Bearer ").partition("@")
    if token in {"dead", ""}:
        return Caller(token, dead=True, address=address)
    name, _, session = token.partition("/")
    until = datetime.now(UTC) + timedelta(seconds=float(seconds)) if seconds else None
    return Caller(
        name,
        address=address,
        open_documents=name != "closed",
        session_id=session or name,
        expires_at=until,
    )


@dataclass
class World:
    """One server; `hub` is what its subscriptions follow."""

    limits: Limits
    trusted: Mapping[str, str] | None = None
    admit: Admit[Caller] | None = None
    hub: Hub = field(default_factory=Hub)
    contexts: list[Context] = field(default_factory=list)
    made: GraphQLServer[Caller] = field(init=False)

    @property
    def server(self) -> GraphQLServer[Caller]:
        """A new one, which is `made` from then on."""
        self.made = GraphQLServer(
            schema,
            authenticate=authenticate,
            make_context=self._context,
            admit=self.admit,
            limits=self.limits,
            trusted=self.trusted,
        )
        return self.made

    def _context(self, caller: Caller, fields: frozenset[str], _: Jar | None) -> Context:
        async def load(words: list[str]) -> list[int]:
            return [len(word) for word in words]

        context = Context(caller, fields, self.hub, DataLoader(load_fn=load))
        self.contexts.append(context)
        return context
