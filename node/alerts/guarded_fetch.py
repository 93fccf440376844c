"""Fetching a small document from an address that somebody else may have chosen.

Only https on its own port, only addresses of the public internet, a few redirects that keep to the
same rules, no cookies, proxies or passwords, a bound on size and time.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from dataclasses import dataclass

import aiohttp
from aiohttp import hdrs
from yarl import URL

from node.addresses import Network
from node.guarded_socket import guarded_socket

HTTPS_PORT = 443
REDIRECTS_MAX = 3
SECONDS_MAX = 15.0
_REDIRECTING = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """The document could not be had; `status` is 0 when nothing answered."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be fetched from; a test says which of its own servers are."""

    inner: tuple[Network, ...] = ()
    """Networks beside the public internet."""
    port: int = HTTPS_PORT
    trust: ssl.SSLContext | None = None
    """Whom certificates must be signed by; None: those whom the system trusts."""


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
        socket_factory=guarded_socket(guard.inner),
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
