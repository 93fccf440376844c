"""Fetching a small document from an address that somebody else may have chosen.

Only https on its own port, only addresses of the public internet, a few redirects that keep to the
same rules, no cookies, proxies or passwords, a bound on size and time. The name is looked up once
for each connection and that answer is what is connected to, so a name cannot change its mind.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

HTTPS_PORT = 443
REDIRECTS_MAX = 3
SECONDS_MAX = 15.0
_REDIRECTING = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """The document could not be had; `status` is 0 when nothing answered."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and to no multicast group."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (mapped is None or mapped.is_global)


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be fetched from; a test says which of its own servers are."""

    may_connect: Callable[[str], bool] = is_public
    port: int = HTTPS_PORT
    trust: ssl.SSLContext | None = None
    """Whom certificates must be signed by; None: those whom the system trusts."""


class _GuardedResolver(AbstractResolver):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [one for one in found if self._guard.may_connect(one["host"])]
        if not allowed:
            raise OSError("the name leads to no public address")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


async def fetch_small(url: str, bytes_max: int, guard: Guard) -> bytes:
    """The document at an https address, at most `bytes_max` long; raises `FetchError`."""
    try:
        async with asyncio.timeout(SECONDS_MAX), _session(guard) as session:
            for _ in range(REDIRECTS_MAX + 1):
                answer = await _ask(session, _checked(url, guard), bytes_max)
                if isinstance(answer, bytes):
                    return answer
                url = answer
            raise FetchError("it redirects too many times")
    except TimeoutError as error:
        raise FetchError("nothing answered in time") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise FetchError(type(error).__name__) from error


def _session(guard: Guard) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        resolver=_GuardedResolver(guard),
        ssl=guard.trust if guard.trust is not None else True,
        use_dns_cache=False,
        force_close=True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        headers={hdrs.USER_AGENT: "tidan", hdrs.ACCEPT_ENCODING: "identity"},
        auto_decompress=False,
    )


def _checked(url: str, guard: Guard) -> URL:
    found = URL(url)
    host = found.raw_host or ""
    if found.scheme != "https" or found.port != guard.port or found.user or found.password:
        raise FetchError("only https on its own port is asked")
    # An address in place of a name is never looked up, so nothing else would look at it.
    if _is_address(host):
        raise FetchError("only names are asked, not addresses")
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.replace(".", "").isdigit() or not host
    return True


async def _ask(session: aiohttp.ClientSession, url: URL, bytes_max: int) -> bytes | str:
    """The document, or where it is said to be."""
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status in _REDIRECTING:
            return str(url.join(URL(answer.headers.get(hdrs.LOCATION, ""))))
        if answer.status != 200:
            raise FetchError(f"it answers HTTP {answer.status}", answer.status)
        data = b""
        async for piece in answer.content.iter_chunked(4096):
            data += piece
            if len(data) > bytes_max:
                raise FetchError("it is too long", answer.status)
        return data
