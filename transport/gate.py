"""Who may go on: the budgets of an address and of an account, over all carriers.

An operation is charged when it is about to run, by number and by cost, to its address and to the
account of its caller; the opening of a socket or of a reserved stream is one operation of cost 1.
"""

import math
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode

from transport.documents import Operation
from transport.errors import Unfit
from transport.limits import Limits
from transport.rates import Rate, Rates, Want
from transport.registry import network_of
from transport.requests import Caller

RATE_LIMITED = "RATE_LIMITED"
_MINUTE, _HOUR = 60.0, 3600.0
_KEPT = 10_000  # callers whose budgets are remembered by name


class RateLimited(Unfit):
    """`retry_after`: whole seconds, at least one."""

    def __init__(self, wait: float) -> None:
        self.retry_after = max(1, math.ceil(wait))
        message = f"Too much was asked for; try again in {self.retry_after} s."
        extensions = {"code": RATE_LIMITED, "retryAfter": self.retry_after}
        super().__init__([{"message": message, "extensions": extensions}])


class _Budget(NamedTuple):
    """`counted`: an operation is one unit of it, whatever it costs."""

    key: str
    rate: Rate
    counted: bool


class Gate:
    """`making_accounts`: the root fields that are rationed by themselves."""

    def __init__(
        self, rates: Rates, limits: Limits, *, making_accounts: Collection[str] = ()
    ) -> None:
        self._rates, self._making_accounts = rates, frozenset(making_accounts)
        self._rationed = limits.rationed
        self._of_address = _budgets(limits.operations_per_address, limits.points_per_address)
        self._of_account = _budgets(limits.operations_per_account, limits.points_per_account)
        self._budgets_of = lru_cache(_KEPT)(self._read_budgets)
        made = limits.accounts_per_address
        self._accounts = Rate(most=made, seconds=_HOUR) if made else None

    async def admit(self, caller: Caller, operation: Operation | None, cost: int) -> None:
        """Raises RateLimited. No operation: a connection is about to be opened."""
        if not self._rationed:
            return
        wants = list(self._wants(caller, operation, cost))
        if wait := await self._rates.spend(wants):
            raise RateLimited(wait)

    def _wants(self, caller: Caller, operation: Operation | None, cost: int) -> Iterator[Want]:
        network = network_of(caller.client.address)
        for key, rate, counted in self._budgets_of(network, caller.user_id):
            yield _want(key, rate, 1 if counted else cost)
        if self._accounts and operation and operation.fields & self._making_accounts:
            made = sum(field in self._making_accounts for field in _root_fields(operation))
            yield _want(f"address accounts {network}", self._accounts, made)

    def _read_budgets(self, network: Hashable, user_id: Hashable) -> Sequence[_Budget]:
        of_address = self._of_address.items()
        found = [_Budget(f"address {name} {network}", *it) for name, it in of_address]
        if user_id is not None:
            of_account = self._of_account.items()
            found += [_Budget(f"account {name} {user_id}", *it) for name, it in of_account]
        return found


def _want(key: str, rate: Rate, cost: float) -> Want:
    """What is dearer than the whole bucket costs the whole bucket, or it would never be let in."""
    return Want(key, rate, min(cost, rate.most))


def _budgets(operations: int | None, points: int | None) -> Mapping[str, tuple[Rate, bool]]:
    """By name, and whether operations are counted, and not what they cost."""
    budgets = {"operations": operations, "points": points}
    return {
        name: (Rate(most=most, seconds=_MINUTE), name == "operations")
        for name, most in budgets.items()
        if most
    }


def _root_fields(operation: Operation) -> Iterator[str]:
    """Each as often as it is selected. The document is valid, so that this ends."""
    fragments = {
        node.name.value: node
        for node in operation.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    waiting: list[SelectionSetNode] = [operation.definition.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, FragmentSpreadNode):
                waiting.append(fragments[node.name.value].selection_set)
            else:
                waiting.append(node.selection_set)  # type: ignore[attr-defined]
