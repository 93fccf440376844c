"""Why an address could not be reached: one plain Swedish sentence, and the technical words beside.

Pure: an error in, words out. The address itself stands on the page already.
"""

from __future__ import annotations

import ssl

import aiohttp

from node.guarded_socket import ForbiddenAddressError, InnerAddressError
from node.sync import words

# OpenSSL's numbers for why a certificate does not hold (X509_V_ERR_…).
_NOT_VALID_NOW = frozenset({9, 10})
_UNTRUSTED = frozenset({2, 18, 19, 20, 21})
_OF_ANOTHER = frozenset({62, 64})


class RedirectError(aiohttp.ClientError):
    """The address answered with a redirect, which is never followed."""


def explain(error: Exception) -> str:
    """Why an address could not be reached, in one plain sentence without the address."""
    match error:
        case aiohttp.WSServerHandshakeError():
            return words.NO_NODE % {"status": error.status}
        case RedirectError():
            return words.LEADS_ELSEWHERE
        case aiohttp.ClientConnectorDNSError():
            return words.NO_SUCH_NAME
        case aiohttp.ClientConnectorCertificateError():
            return _about_certificate(error.certificate_error)
        case aiohttp.ClientSSLError():
            return words.NOT_SECURE
        case aiohttp.ClientConnectorError(os_error=InnerAddressError()):
            return words.INNER_ADDRESS
        case aiohttp.ClientConnectorError(os_error=ForbiddenAddressError()):
            return words.FORBIDDEN_ADDRESS
        case TimeoutError():
            return words.NOTHING_IN_TIME
        case ConnectionRefusedError() | aiohttp.ClientConnectorError():
            return words.NOTHING_THERE
        case _:
            return words.BROKEN_OPENING


def technical(error: Exception) -> str:
    """The same for whoever looks for the cause: the error's kind and what it says."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _about_certificate(error: Exception) -> str:
    number = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    if number in _NOT_VALID_NOW:
        return words.CERTIFICATE_EXPIRED
    if number in _UNTRUSTED:
        return words.CERTIFICATE_UNTRUSTED
    if number in _OF_ANOTHER:
        return words.CERTIFICATE_OF_ANOTHER
    return words.WRONG_CERTIFICATE
