"""Reading from when until when a TLS server's certificate holds, whoever signed it.

Only the dates are read, and nothing is sent but the name that is asked for; whether a certificate
is to be trusted is decided where a neighbour is dialled. Only addresses that this node dials anyway
are looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import NamedTuple

from cryptography import x509
from yarl import URL

SECONDS_MAX = 10.0


class Validity(NamedTuple):
    """From when until when a certificate holds, in milliseconds since 1970."""

    begins_ms: int
    ends_ms: int


async def read_validity(origin: str) -> Validity | None:
    """When the certificate at an https origin holds; None when nobody shows one."""
    url = URL(origin)
    if url.scheme != "https" or url.host is None:
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # one that has ended is what is looked for
    try:
        async with asyncio.timeout(SECONDS_MAX):
            shown = await _shown(url.host, url.port or 443, context)
        return _validity(shown) if shown is not None else None
    except (OSError, ValueError, TimeoutError):
        return None


async def _shown(host: str, port: int, context: ssl.SSLContext) -> bytes | None:
    """The server's own certificate as it was sent (DER)."""
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return connection.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _validity(shown: bytes) -> Validity:
    certificate = x509.load_der_x509_certificate(shown)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Validity(int(begins.timestamp()) * 1000, int(ends.timestamp()) * 1000)
