"""Why a connection ends: the codes of graphql-transport-ws (4xxx) and of RFC 6455 (1xxx).

An event stream has no codes; it is told the same reasons in its own way, by transport/events.py.
"""

from typing import NamedTuple


class Close(NamedTuple):
    code: int
    reason: str


MALFORMED = 4400
UNAUTHORIZED = Close(4401, "Unauthorized")
FORBIDDEN = Close(4403, "Forbidden")
EXPIRED = Close(4403, "Token expired")
SUBPROTOCOL_NOT_ACCEPTABLE = Close(4406, "Subprotocol not acceptable")
INIT_TIMEOUT = Close(4408, "Connection initialisation timeout")
SUBSCRIBER_EXISTS = 4409
TOO_MANY_INITS = Close(4429, "Too many initialisation requests")
SERVER_ERROR = Close(4500, "Internal server error")

DONE = Close(1000, "Done")
SILENT = Close(1001, "No sign of life")
TOO_MUCH_CHATTER = Close(1008, "Too many messages")
TOO_LARGE = Close(1009, "Message too large")
RESTART = Close(1012, "Come back")
TOO_MANY = Close(1013, "Too many connections")
