"""Wake-ups between processes by Valkey, which spares Postgres a NOTIFY for each act.

Where it is gone, each process looks into the event log by itself, twice a second, until it is back:
so its death costs half a second and nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import RedisError

from integrations.wakeups import HEARTBEAT, PATIENCE, Supervised

LOOK_EVERY = 0.5  # seconds, while Valkey is gone

log = logging.getLogger(__name__)


class _Credentials(CredentialProvider):
    def __init__(self, user: str, password: Callable[[], Awaitable[str]]) -> None:
        self._user, self._password = user, password

    def get_credentials(self) -> tuple[str, str]:
        raise NotImplementedError  # we wait for nothing in a thread

    async def get_credentials_async(self) -> tuple[str, str]:
        return self._user, await self._password()


class ValkeyWakeups(Supervised):
    """`url`: redis://, or rediss:// with TLS. `password`: asked for at each new connection of the
    URL's user, where the URL has none.
    """

    def __init__(
        self, url: str, channel: str, password: Callable[[], Awaitable[str]] | None = None
    ) -> None:
        super().__init__(channel)
        self._url, self._credentials = url, None
        if password is not None:
            user, _, rest = urlsplit(url).netloc.rpartition("@")
            self._url = urlsplit(url)._replace(netloc=rest).geturl()
            self._credentials = _Credentials(unquote(user), password)
        self._told = False

    async def connect(self) -> None:
        self._redis = self._client()
        await super().connect()
        self._looking = asyncio.create_task(self._look_meanwhile())

    async def disconnect(self) -> None:
        self._looking.cancel()
        await asyncio.wait([self._looking])
        await super().disconnect()
        await self._redis.aclose()

    async def publish(self, channel: str, message: str) -> None:
        """What cannot be said is found by those who look."""
        try:
            await self._redis.publish(channel, message)
        except (RedisError, OSError) as fault:
            if not self._told:
                log.warning("no word can be said by Valkey: %s", type(fault).__name__)
            self._told = True
        else:
            self._told = False

    async def _look_meanwhile(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self._listening.is_set():
                self._news.set()

    async def _listen(self) -> None:
        async with self._client() as redis, redis.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            while True:
                message = await pubsub.get_message(timeout=HEARTBEAT)
                if message is None:
                    await pubsub.ping()
                    message = await pubsub.get_message(timeout=PATIENCE)
                if message is None:
                    self._listening.clear()
                    log.warning("Valkey does not answer")
                    return
                if message["type"] == "subscribe":
                    self._hear_again()
                elif message["type"] == "message":
                    self._news.set()

    def _client(self) -> Redis:
        """It tries once: redis-py would connect again in silence, and we would not look."""
        return Redis.from_url(
            self._url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            credential_provider=self._credentials,
            decode_responses=True,
        )
