"""Execution: a prepared operation, its variables and who asks, to the bytes of the answer.

graphql-core runs directly on the schema that Strawberry built. A context is made anew for every
operation and for every event of a subscription, so that no loader outlives what it was made for.
Before it: the size of the variables, the cost, and whoever has to admit it, in this order.
Whatever fails inside is in the answer, as `errors` shows it; only Unfit is raised.
"""

import asyncio
import inspect
import time
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Generator,
    Hashable,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import orjson
import strawberry
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLSchema,
    create_source_event_stream,
    execute_root_selection_set,
    execute_subscription_event,
)

from transport import telemetry
from transport.cookies import Jar
from transport.documents import Operation
from transport.errors import INTERNAL, TOO_COMPLEX, Unfit, present, unfit
from transport.feeds import Feed, Render, as_feed, key_of
from transport.lane import Lane
from transport.limits import Limits
from transport.requests import Caller, Client
from transport.values import check_size, faults

C = TypeVar("C", bound=Caller)

Authenticate: TypeAlias = Callable[[str | None, Client], C]
MakeContext: TypeAlias = Callable[[C, frozenset[str], Jar | None], object]
# Told of an operation that is about to run, and its cost; may raise a DomainError or Unfit. Without
# an operation it is a connection that is about to be opened.
Admit: TypeAlias = Callable[[C, Operation | None, int], Awaitable[None]]
# Answers as graphql-core would, but faster: the JSON of `data`. None where it cannot, and then it
# has done nothing.
Quick: TypeAlias = Callable[[C, Operation, Mapping[str, Any]], Awaitable[str | None]]


class Run(NamedTuple):
    """An operation that was admitted, once it is answered or its stream has begun. `failed`: some
    of it; `faulty`: by a fault of ours.
    """

    operation: Operation
    cost: int
    seconds: float
    failed: bool
    faulty: bool


Ran: TypeAlias = Callable[[C, Run], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A stream that was granted, and how one of its events is rendered."""

    source: Feed | AsyncIterable[object]
    key: Hashable
    render: Render


class Operations(Generic[C]):
    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        authenticate: Authenticate[C],
        make_context: MakeContext[C],
        admit: Admit[C] | None = None,
        ran: Ran[C] | None = None,
        quick: Quick[C] | None = None,
        limits: Limits | None = None,
        lane: Lane | None = None,
    ) -> None:
        self._schema = core_schema(schema)
        self._executor = schema.execution_context_class
        self._authenticate, self._make_context = authenticate, make_context
        self._admit, self._ran, self._limits = admit, ran, limits or Limits()
        self._quick, self._lane = quick, lane or Lane()

    async def answer(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        caller: C,
        jar: Jar | None = None,
    ) -> bytes:
        """The answer to a query or mutation. `jar`: None where no cookie can be kept. Raises Unfit
        if the variables are at fault, if it is too dear, or if it is not admitted.
        """
        with telemetry.watched(operation.type, operation.name, operation.hash) as watch:
            cost = await self._let_in(operation, variables, caller)
            extensions = {"cost": {"requested": cost, "budget": self._limits.budget}}
            with self._counted(caller, operation, cost, watch):
                try:
                    if data := await self._answer_quickly(operation, variables, caller):
                        return _with_cost(data, cost, self._limits.budget)
                    executor = self._build(operation, variables, caller, jar)
                    return await self._run(execute_root_selection_set, executor, extensions)
                except Unfit:
                    raise
                except Exception as error:  # noqa: BLE001  # a context that cannot be made, say
                    return encode(None, [error], extensions)

    async def _answer_quickly(
        self, operation: Operation, variables: Mapping[str, Any], caller: C
    ) -> str | None:
        if self._quick is None:
            return None
        async with asyncio.timeout(self._limits.operation_seconds):
            return await self._quick(caller, operation, variables)

    async def subscribe(
        self, operation: Operation, variables: Mapping[str, Any], caller: C
    ) -> Subscription:
        """Raises Unfit when there is no stream: bad variables, too dear, or refused."""
        with telemetry.watched(operation.type, operation.name, operation.hash) as watch:
            cost = await self._let_in(operation, variables, caller)
            with self._counted(caller, operation, cost, watch):
                source = await self._begin(operation, variables, caller)
        feed = as_feed(source)
        scope = feed.scope if feed is not None else object()  # else shared with nobody

        async def render(event: object) -> bytes:
            try:
                viewer = self._authenticate(None, caller.client) if scope is None else caller
                # Anew, for what graphql-core remembers in one executor grows with each event.
                rendering = self._build(operation, variables, viewer, root=event)
                return await self._run(execute_subscription_event, rendering)
            except Exception as error:  # noqa: BLE001
                return encode(None, [error])

        return Subscription(source=source, key=key_of(operation, variables, scope), render=render)

    @contextmanager
    def _counted(
        self, caller: C, operation: Operation, cost: int, watch: telemetry.Watch
    ) -> Generator[None]:
        began, failed = time.perf_counter(), False
        try:
            yield
            failed = bool(watch.errors)
        except Exception:
            failed = True
            raise
        finally:
            if self._ran is not None:
                took, faulty = time.perf_counter() - began, INTERNAL in watch.errors
                self._ran(caller, Run(operation, cost, took, failed, faulty))

    async def _begin(
        self, operation: Operation, variables: Mapping[str, Any], caller: C
    ) -> Feed | AsyncIterable[object]:
        try:
            executor = self._build(operation, variables, caller)
            async with asyncio.timeout(self._limits.operation_seconds):
                source = create_source_event_stream(executor)
                if inspect.isawaitable(source):
                    source = await source
        except Unfit:
            raise
        except Exception as error:
            raise Unfit(present([error])) from error
        if isinstance(source, ExecutionResult):
            raise Unfit(present(source.errors or []))
        return source

    async def _let_in(self, operation: Operation, variables: Mapping[str, Any], caller: C) -> int:
        """The cost. Raises Unfit; nothing of the operation has run then."""
        check_size(variables, self._limits)
        cost, budget = operation.plan.cost(variables), self._limits.budget
        telemetry.costs(cost)
        if cost > budget:
            message = f"The operation costs {cost}, and the budget is {budget}: ask for less."
            raise unfit(message, TOO_COMPLEX, cost=cost, budget=budget)
        await self.admit(caller, operation, cost)
        return cost

    async def admit(self, caller: C, operation: Operation | None = None, cost: int = 1) -> None:
        """Raises Unfit. Asked for every operation, and by whoever opens a connection."""
        if self._admit is not None:
            try:
                await self._admit(caller, operation, cost)
            except Unfit:
                raise
            except Exception as error:
                raise Unfit(present([error])) from error

    def _build(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        caller: C,
        jar: Jar | None = None,
        root: object = None,
    ) -> Executor[Any]:
        with self._lane.paid_in_vain():
            executor = self._executor.build(
                self._schema,
                operation.document,
                root_value=root,
                context_value=self._make_context(caller, operation.fields, jar),
                raw_variable_values=dict(variables),
                operation_name=operation.name,
                hide_suggestions=True,
            )
            if isinstance(executor, list):
                raise Unfit(present(faults(self._schema, operation.definition, variables)))
        return executor

    async def _run(
        self,
        execute: Callable[[Executor[Any]], Any],
        executor: Executor[Any],
        extensions: Mapping[str, Any] | None = None,
    ) -> bytes:
        async with asyncio.timeout(self._limits.operation_seconds):
            result = execute(executor)
            if inspect.isawaitable(result):
                result = await result
        return encode(result.data, result.errors or [], extensions)


def _with_cost(data: str, cost: int, budget: int) -> bytes:
    """An answer without errors, as `encode` would have it."""
    told = f'{{"data":{data},"extensions":{{"cost":{{"requested":{cost},"budget":{budget}}}}}}}'
    return told.encode()


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    return schema._schema  # noqa: SLF001  # Strawberry has no public door to it


def encode(
    data: dict[str, Any] | None,
    errors: Sequence[Exception],
    extensions: Mapping[str, Any] | None = None,
) -> bytes:
    """The answer to an operation that was begun: `data` is there, be it null."""
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = present(errors)
        telemetry.count_errors(answer["errors"])
    if extensions:
        answer["extensions"] = extensions
    try:
        return orjson.dumps(answer)
    except TypeError as error:  # a value that JSON has no form for
        return encode(None, [error], extensions)
