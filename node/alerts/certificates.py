"""Reading from when until when a TLS server's certificate holds, whoever signed it.

Only the dates are read, and nothing is sent but the name that is asked for; whether a certificate
is to be trusted is decided where a neighbour is dialled. Only addresses that this node dials anyway
are looked at, and only where it may call: the same networks, judged after names are resolved.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from typing import NamedTuple

from yarl import URL

from node.addresses import Network
from node.guarded_socket import check_address

SECONDS_MAX = 10.0


class Validity(NamedTuple):
    """From when until when a certificate holds, in milliseconds since 1970."""

    begins_ms: int
    ends_ms: int


async def read_validity(origin: str, inner: Iterable[Network] = ()) -> Validity | None:
    """When the certificate at an https origin holds; None when nobody shows one.

    It is looked at on the public internet and in the `inner` networks.
    """
    url = URL(origin)
    if url.scheme != "https" or url.host is None:
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # one that has ended is what is looked for
    try:
        async with asyncio.timeout(SECONDS_MAX):
            shown = await _shown(url.host, url.port or 443, context, inner)
        return _validity(shown) if shown is not None else None
    except (OSError, ValueError, TimeoutError):
        return None


async def _shown(
    host: str, port: int, context: ssl.SSLContext, inner: Iterable[Network]
) -> bytes | None:
    """The server's own certificate as it was sent (DER)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        address = str(place[0])
        check_address(address, inner)
        with contextlib.suppress(ConnectionError):
            return await _shown_at(address, port, context, host)
    return None


async def _shown_at(address: str, port: int, context: ssl.SSLContext, host: str) -> bytes | None:
    _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return connection.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _validity(shown: bytes) -> Validity:
    from cryptography import x509  # noqa: PLC0415  # large, and needed once a day

    certificate = x509.load_der_x509_certificate(shown)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Validity(int(begins.timestamp()) * 1000, int(ends.timestamp()) * 1000)
