"""How much of everything one client may ask for, and how long it may take."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes are of UTF-8; times are in seconds. What the numbers of a document count is said in
    `transport/analysis.py`, what an operation costs in `transport/cost.py`.
    """

    body_bytes: int = MIB  # an HTTP body, a message on a socket
    variable_values: int = 10_000  # lists, objects and what is in them
    object_fields: int = 100  # in one object of the variables
    document_bytes: int = 64 * KIB
    document_tokens: int = 2_000
    documents_kept: int = 1_000
    operations: int = 10
    fragments: int = 50
    depth: int = 12
    introspection_depth: int = 20  # GraphiQL's own query has 15 levels
    selections: int = 1_000
    repeats: int = 20
    aliases: int = 50
    directives: int = 50
    root_fields: int = 20
    budget: int = 10_000  # of one operation
    operation_seconds: float = 10.0
    init_seconds: float = 3.0  # from the opening of a socket to its connection_init
    ping_seconds: float = 25.0
    close_seconds: float = 5.0  # for the close frame to leave
    outbox_messages: int = 256  # for one socket
    outbox_bytes: int = 4 * MIB
    operations_per_socket: int = 100
    answers_per_socket: int = 16  # queries and mutations that run at once, the others wait
    answers_at_once: int | None = None  # over HTTP; the others wait, or come again; None: all
    chatter_per_second: float = 20.0  # pings, pongs and idle completes of a socket, in the long run
    chatter_at_once: int = 100
    connections_per_user: int | None = None  # sockets and event streams; None: no such limit
    connections_per_address: int | None = None
    operations_per_address: int | None = None  # in a minute, of all processes; None: no such limit
    operations_per_account: int | None = None
    points_per_address: int | None = None  # of cost, in a minute
    points_per_account: int | None = None
    accounts_per_address: int | None = None  # made in an hour
    keep_alive_seconds: float = 12.0  # between two comments on an event stream
    reservation_seconds: float = 30.0  # for an event stream that was asked for to be opened
    drain_seconds: float = 10.0  # for what runs to end and all clients to be sent elsewhere
    drain_notice_seconds: float = 0.0  # before that: for a balancer to see that we are not ready
    drained_per_second: int = 100  # clients asked to come back, where there is the time
    origins: tuple[str, ...] = ()  # whose pages may open sockets, besides our own; "*": all

    @property
    def rationed(self) -> bool:
        """Whether there is any rate at all."""
        rates = (
            *(self.operations_per_address, self.operations_per_account, self.points_per_address),
            *(self.points_per_account, self.accounts_per_address),
        )
        return any(rates)
