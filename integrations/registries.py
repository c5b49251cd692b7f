"""The registries of people and of the profession: asked by HTTP, or taken as read on a laptop.

A number is told in the body of a POST, never in a URL, which proxies write down. What is asked and
answered is in docs/decisions/0029.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from domain.doctors import DoctorStatus
from domain.patients import CpfStanding
from domain.registrations import CPF, CRM
from domain.registries import RegistryUnreachable
from integrations.breaker import Breaker, Broken

T = TypeVar("T")

_SECONDS = 2.0  # for all attempts together: somebody is waiting
_SECONDS_SILENT = 0.6  # then it is tried again
_ATTEMPTS = 3
_PAUSE, _PAUSE_LONGEST = 0.1, 0.4  # seconds, before the second attempt and at most
_FAILED = 500  # and beyond: RFC 9110, 15.6
_TOO_MANY, _OK = 429, 200
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

# The revenue service's words. Who has something to settle with it, or is suspended, is somebody.
_STANDINGS = {
    **dict.fromkeys(("REGULAR", "PENDING", "SUSPENDED"), CpfStanding.VALID),
    **dict.fromkeys(("CANCELLED", "DECEASED", "NULL", "UNKNOWN"), CpfStanding.VOID),
}
_STATUSES = {status.value: status for status in DoctorStatus}


class EmbeddedCpfRegistry:
    """Takes a well-formed number at its word. For a laptop, which has no line to the outside."""

    async def look_up(self, cpf: CPF, /) -> CpfStanding:
        del cpf
        return CpfStanding.VALID


class EmbeddedCrmRegistry:
    """Takes a well-formed number at its word. For a laptop, which has no line to the council."""

    async def look_up(self, crm: CRM, /) -> DoctorStatus:
        del crm
        return DoctorStatus.VERIFIED


class _Fleeting(RegistryUnreachable):
    """It may be over a moment later."""


class Line(Generic[T]):
    """To one registry, which answers a question with one of the words of `meanings`, in `field`."""

    def __init__(
        self,
        url: str,
        token: SecretStr | None,
        field: str,
        meanings: Mapping[str, T],
        *,
        clock: Callable[[], float],
    ) -> None:
        """Raises ValueError for a URL where others could read along."""
        if not _is_private(url):
            raise ValueError("It is https://…, or http:// on this machine.")
        headers = {"authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=_SECONDS_SILENT)
        self._url, self._field, self._meanings = url, field, meanings
        self._breaker = Breaker(RegistryUnreachable, clock=clock)

    async def ask(self, question: Mapping[str, str]) -> T:
        """Raises RegistryUnreachable, at once while the breaker is open."""
        try:
            with self._breaker.guard():
                return await self._ask(question)
        except Broken:
            raise RegistryUnreachable("it has failed too often and is left alone") from None

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, question: Mapping[str, str]) -> T:
        try:
            async with asyncio.timeout(_SECONDS):
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(_ATTEMPTS),
                    wait=wait_random_exponential(_PAUSE, max=_PAUSE_LONGEST),
                    retry=retry_if_exception_type(_Fleeting),
                    reraise=True,
                ):
                    with attempt:
                        return await self._once(question)
        except TimeoutError:
            raise RegistryUnreachable(f"no answer within {_SECONDS} s") from None
        raise AssertionError("it either answers or raises")

    async def _once(self, question: Mapping[str, str]) -> T:
        try:
            answer = await self._client.post(self._url, json=question)
        except httpx.RequestError as fault:
            raise _Fleeting(type(fault).__name__) from None
        if answer.status_code >= _FAILED or answer.status_code == _TOO_MANY:
            raise _Fleeting(f"status {answer.status_code}")
        if answer.status_code != _OK:
            raise RegistryUnreachable(f"status {answer.status_code}")
        try:
            return self._meanings[answer.json()[self._field]]
        except (ValueError, KeyError, TypeError):
            raise RegistryUnreachable("an answer that means nothing") from None


class HttpCpfRegistry(Line[CpfStanding]):
    def __init__(
        self, url: str, token: SecretStr | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(url, token, "standing", _STANDINGS, clock=clock)

    async def look_up(self, cpf: CPF, /) -> CpfStanding:
        return await self.ask({"cpf": cpf.digits})


class HttpCrmRegistry(Line[DoctorStatus]):
    def __init__(
        self, url: str, token: SecretStr | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(url, token, "status", _STATUSES, clock=clock)

    async def look_up(self, crm: CRM, /) -> DoctorStatus:
        return await self.ask({"crm": crm.number, "uf": crm.uf.value})


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in _THIS_MACHINE
