"""Who is connected to this process, and what runs for them.

Every socket and event stream is in here from before it is accepted until nothing of it is left.
Caps, revocation, drain and metrics ask here and nowhere else. Users, sessions and positions are
opaque: they are only compared, and told.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Protocol

from transport.closing import FORBIDDEN, Close


class Carrier(StrEnum):
    WEBSOCKET = "websocket"
    EVENTS = "events"


class Holder(Protocol):
    """The connection itself. None of it waits."""

    def end(self, close: Close | None, /) -> None: ...
    def retire(self) -> None:
        """Finish what runs, send what waits, then ask the client to come back."""
        ...


@dataclass(eq=False, slots=True, kw_only=True)
class LiveOperation:
    """`position`: of the last event that was told, or from which it listens; None: not known."""

    presence: "Presence"
    name: str | None
    type: str
    since: datetime
    position: object = None

    def over(self) -> None:
        if self in self.presence.operations:
            self.presence.operations.remove(self)


@dataclass(eq=False, slots=True, kw_only=True)
class Presence:
    """One socket or event stream while it is there. `sessions`: all that it was proved by."""

    registry: "Registry"
    carrier: Carrier
    address: Hashable
    since: datetime
    holder: Holder | None = None
    user: Hashable = None
    sessions: tuple[Hashable, ...] = ()
    operations: list[LiveOperation] = field(default_factory=list)

    def identify(self, user: Hashable, session: Hashable) -> bool:
        """False: this user has as many connections as he may have."""
        return self.registry.identify(self, user, session)

    def begin(self, name: str | None, type: str) -> LiveOperation:
        now = self.registry.now()
        operation = LiveOperation(presence=self, name=name, type=type, since=now)
        self.operations.append(operation)
        return operation

    def end(self, close: Close) -> None:
        if self.holder is not None:
            self.holder.end(close)

    def leave(self) -> None:
        """May be called more than once."""
        self.registry.forget(self)


class Registry:
    def __init__(
        self, *, per_user: int | None, per_address: int | None, now: Callable[[], datetime]
    ) -> None:
        self.now = now
        self._per_user, self._per_address = per_user, per_address
        self._present: dict[Presence, None] = {}
        self._by_address: defaultdict[Hashable, set[Presence]] = defaultdict(set)
        self._by_user: defaultdict[Hashable, set[Presence]] = defaultdict(set)
        self._by_session: defaultdict[Hashable, set[Presence]] = defaultdict(set)

    def admit(self, carrier: Carrier, address: str) -> Presence | None:
        """None: from this address there are as many connections as there may be."""
        network = network_of(address)
        if _is_full(self._by_address.get(network, ()), self._per_address):
            return None
        presence = Presence(registry=self, carrier=carrier, address=network, since=self.now())
        self._present[presence] = None
        self._by_address[network].add(presence)
        return presence

    def identify(self, presence: Presence, user: Hashable, session: Hashable) -> bool:
        if presence not in self._present:  # it has left meanwhile
            return False
        if user is not None and presence.user != user:
            if _is_full(self._by_user.get(user, ()), self._per_user):
                return False
            presence.user = user
            self._by_user[user].add(presence)
        if session is not None and session not in presence.sessions:
            presence.sessions += (session,)
            self._by_session[session].add(presence)
        return True

    def forget(self, presence: Presence) -> None:
        if presence not in self._present:
            return
        del self._present[presence]
        _remove(self._by_address, presence.address, presence)
        _remove(self._by_user, presence.user, presence)
        for session in presence.sessions:
            _remove(self._by_session, session, presence)
        presence.operations.clear()

    def end(self, session: Hashable, /) -> int:
        """Close all that this session was proved for, with 4403. Returns how many they were."""
        return _end(self._by_session.get(session, ()))

    def end_user(self, user: Hashable, /) -> int:
        return _end(self._by_user.get(user, ()))

    @property
    def present(self) -> Collection[Presence]:
        """The oldest first, as of now."""
        return tuple(self._present)

    def operations(self) -> Iterator[LiveOperation]:
        for presence in self.present:
            yield from tuple(presence.operations)

    def count(self) -> dict[str, int]:
        """For metrics: connections by carrier, those who are somebody, and what runs for all."""
        carriers = [presence.carrier for presence in self._present]
        return {
            **{carrier.value: carriers.count(carrier) for carrier in Carrier},
            "users": len(self._by_user),
            "operations": sum(len(presence.operations) for presence in self._present),
        }


def _is_full(presences: Collection[Presence], most: int | None) -> bool:
    return most is not None and len(presences) >= most


def _end(presences: Collection[Presence]) -> int:
    ended = tuple(presences)
    for presence in ended:
        presence.end(FORBIDDEN)
    return len(ended)


def _remove(index: defaultdict[Hashable, set[Presence]], key: Hashable, presence: Presence) -> None:
    if found := index.get(key):
        found.discard(presence)
        if not found:
            del index[key]


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What counts as one client: whoever has one IPv6 address has 2^64 of them."""
    try:
        ip = ip_address(address)
    except ValueError:  # a Unix socket's peer has none
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Network((int(ip) >> 64 << 64, 64)))
    return str(ip)
