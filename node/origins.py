"""Addresses of nodes: what a person types, what is dialled, and what both sides sign as the origin.

An origin is scheme, host and port in one spelling (lower case, default port left out), so that the
dialler and the one who is dialled sign the same text. Only http and https exist; no user names,
queries or fragments.
"""

from __future__ import annotations

import ipaddress
import re

from yarl import URL

SYNC_PATH = "/sync/v1"
ADDRESS_CHARS_MAX = 300
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_ALL_OF_IPV4 = "0.0.0.0"  # noqa: S104  # nosec B104  # recognised, never bound
_EVERY_ADDRESS = {_ALL_OF_IPV4: "127.0.0.1", "::": "::1"}
_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}
# A name as RFC 1123 has it, and the underscore that names of containers have; or an IPv6 address.
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f:.]+", re.IGNORECASE)


def normalise_origin(address: str) -> str:
    """The one spelling of an address's scheme, host and port.

    Raises ValueError, with words for a person, when it is not an http(s) address of a host.
    """
    if len(address) > ADDRESS_CHARS_MAX:
        raise ValueError(f"an address has at most {ADDRESS_CHARS_MAX} characters")
    try:
        url = URL(address.strip())
        port = url.port
    except ValueError as error:
        raise ValueError(f"{address!r} is not an address such as https://tidan.hjo.se") from error
    is_host = _HOST.fullmatch(url.raw_host or "") is not None
    if url.scheme not in _WEBSOCKET_SCHEMES or not is_host or port is None:
        raise ValueError(f"{address!r} is not an address such as https://tidan.hjo.se")
    if url.user or url.password or url.query_string or url.fragment:
        raise ValueError(
            "an address holds only scheme, host and port, such as https://tidan.hjo.se"
        )
    if url.path not in ("", "/", SYNC_PATH):
        raise ValueError("an address ends after host and port; the path is always the same")
    return str(url.origin()).lower()


def origin_or_nothing(address: str | None) -> str:
    """The same of what somebody else has written; empty when it is no such address."""
    try:
        return normalise_origin(address or "")
    except ValueError:
        return ""


def sync_url(origin: str) -> str:
    """Where to open the WebSocket of a node with this origin."""
    url = URL(origin)
    return str(url.with_scheme(_WEBSOCKET_SCHEMES[url.scheme]).with_path(SYNC_PATH))


def is_inside(origin: str) -> bool:
    """Whether an origin names a place that only the machines around it reach.

    A name is judged as it stands; what it leads to is looked at when it is dialled.
    """
    host = URL(origin).host or ""
    if is_loopback(host) or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def host_here(host: str) -> str:
    """What this machine calls a host that it listens on, when that is all of its addresses."""
    return _EVERY_ADDRESS.get(host, host)


def is_loopback(host: str) -> bool:
    """True when only this machine can reach the host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
