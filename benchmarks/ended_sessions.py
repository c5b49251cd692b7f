"""What a request costs while many sessions have just ended: `./dev bench ended_sessions`.

Two servers in one run, asked in turns by the same account: one knows of no ended session, one of
10,000, all of which it must refuse. Ends by itself within two minutes.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack

import asyncpg

from benchmarks.servers import Client, server, sign_in

ENDED = 10_000
ROUNDS, REQUESTS = 21, 200
WHO = "{ viewer { __typename } }"
_END = """
INSERT INTO session (id, user_id, refresh_hash, created_at, expires_at, ended_at)
SELECT gen_random_uuid(), (SELECT id FROM account LIMIT 1), sha256(number::text::bytea),
       now(), now() + interval '30 days', now()
FROM generate_series(1, $1) AS number
"""


def main() -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(server()) for _ in range(2)]
        clients = [stack.enter_context(each.connected()) for each in servers]
        tokens = [sign_in(client)[1] for client in clients]
        asyncio.run(_end_many(servers[1].database_url))
        time.sleep(2)  # until the server has looked
        rounds = [
            [_milliseconds(*who) for who in zip(clients, tokens, strict=True)]
            for _ in range(ROUNDS)
        ]
    none, many = zip(*rounds[1:], strict=True)  # the first one warms up
    ratios = sorted(b / a for a, b in rounds[1:])
    print(f"a request, median of {REQUESTS}, in each of {ROUNDS - 1} rounds:")
    print(f"  no ended session    {_told(none)}")
    print(f"  {ENDED:,} ended ones   {_told(many)}")
    print(
        f"  ratio, round by round: median {statistics.median(ratios):.2f}"
        f" ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


async def _end_many(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(_END, ENDED)
    await connection.close()


def _milliseconds(client: Client, token: str) -> float:
    """Of one request."""
    taken = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        if client.ask(WHO, token)["viewer"] is None:
            raise AssertionError("nobody was asking")
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _told(milliseconds: Sequence[float]) -> str:
    median = statistics.median(milliseconds)
    return f"{median:.2f} ms ({min(milliseconds):.2f} to {max(milliseconds):.2f})"


if __name__ == "__main__":
    main()
