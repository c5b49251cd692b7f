"""How much of everything one client may ask for, and how long it may take."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes are of UTF-8; times are in seconds."""

    body_bytes: int = MIB  # an HTTP body, a message on a socket
    document_bytes: int = 64 * KIB
    document_tokens: int = 2_000
    documents_kept: int = 1_000
    operation_seconds: float = 10.0
    init_seconds: float = 10.0  # from the opening of a socket to its connection_init
    ping_seconds: float = 25.0
    close_seconds: float = 5.0  # for the close frame to leave
    outbox_messages: int = 256  # for one socket
    outbox_bytes: int = 4 * MIB
    operations_per_socket: int = 100
