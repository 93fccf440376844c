"""Sockets that open only to addresses that may be called, judged when names are resolved already.

The address that is judged is the one the socket is opened for, so no name can change its mind in
between, and none of the ways to write an address matters.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

from aiohttp import AddrInfoType

from node.addresses import Network, is_never_called, may_call

SocketFactory = Callable[[AddrInfoType], socket.socket]


class ForbiddenAddressError(OSError):
    """The address leads to where nobody is ever called."""


class InnerAddressError(ForbiddenAddressError):
    """The address leads into a network that the operator has not named."""


def check_address(address: str, inner: Iterable[Network] = ()) -> None:
    """Raise `ForbiddenAddressError` or `InnerAddressError` unless an address may be called."""
    # The same words each time: of several alike the library that connects raises one.
    if is_never_called(address):
        raise ForbiddenAddressError("nobody is called at such an address")
    if not may_call(address, inner):
        raise InnerAddressError("the address is not of the public internet")


def guarded_socket(inner: Iterable[Network] = ()) -> SocketFactory:
    """What `aiohttp.TCPConnector` opens sockets with: public addresses and the `inner` networks."""
    networks = tuple(inner)

    def open_socket(address: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = address
        check_address(str(place[0]), networks)
        return socket.socket(family, kind, protocol)

    return open_socket
