"""Which IP addresses may be called, by a table of our own. Pure.

The library's `is_global` says yes to addresses that lead back inside when they are called: IPv4
wrapped into IPv6 in four ways, multicast, and others set apart for protocols. Here an address is of
the public internet only when nothing in IANA's registries of special addresses says otherwise, and
of IPv6 only what is given out to networks at all (2000::/3).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one) for one in text.split())


# Nobody's neighbour is at "this network", link-local (where rented machines keep their secrets),
# multicast, reserved or broadcast addresses; nothing allows these.
_NEVER: Final = _networks(
    "0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/128 fe80::/10 fec0::/10 ff00::/8"
)
_INNER: Final = _networks(
    "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24"
    " 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
    " 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
EVERYWHERE: Final = _networks("0.0.0.0/0 ::/0")
"""All that is not never called, for addresses that the operator has set."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; False for what is no address."""
    return may_call(address)


def may_call(address: str, inner: Iterable[Network] = ()) -> bool:
    """Whether an IP address may be called: a public one, or one in the `inner` networks."""
    actual = _actual(address)
    if actual is None or is_never_called(address):
        return False
    return _is_given_out(actual) or any(actual in network for network in inner)


def is_never_called(address: str) -> bool:
    """Whether no setting allows an address; also for what is no address."""
    actual = _actual(address)
    return actual is None or any(actual in network for network in _NEVER)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as an operator writes them, such as 10.20.0.0/16; raises ValueError."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_given_out(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_OUT:
        return False
    return not any(address in network for network in _INNER)


def _actual(address: str) -> Address | None:
    """What is reached in the end: the IPv4 address, when an IPv6 one stands for it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    return found
