"""What a request to the API can be refused for; each has the status it is answered with.

::

    LocalError (protocol.errors)
    └── RequestError            the request cannot be answered as it is
        ├── UnknownParameterError   a parameter that the address does not have
        ├── BadParameterError       a parameter with a value it cannot have
        ├── MissingError            nothing is at that address, or not for this reader
        ├── MethodError             the address is only read
        ├── NotAcceptableError      none of the formats there are is accepted
        ├── TokenNeededError        a token is needed, and none was sent
        ├── TokenRefusedError       the token is none, or works no more
        ├── ScopeError              the token may not do that
        └── HostError               the node does not answer to that name
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from protocol.errors import LocalError

REALM = 'Bearer realm="Tidan"'


class RequestError(LocalError):
    """The request cannot be answered as it is."""

    code = "bad_request"
    advice = "Compare the request with /api and /api/v1/openapi.json."
    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer beside its body."""
        return {}

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """Parameters that are wrong, each with what is wrong with it."""
        return ()


class UnknownParameterError(RequestError):
    """The request has a parameter that its address does not have."""

    code = "unknown_parameter"
    advice = "Leave it out, or correct its name; the message lists those there are."
    title = "Unknown parameter"

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        has = f"This address has {', '.join(known)}." if known else "This address has none."
        super().__init__(f"Unknown: {', '.join(names)}. {has}")
        self._names = names

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """The parameters that are not known."""
        return [(name, "is not a parameter of this address") for name in self._names]


class BadParameterError(RequestError):
    """A parameter has a value that it cannot have, or is given twice."""

    code = "bad_parameter"
    advice = "Correct the named parameters; /api says what each can be."
    status = 422
    title = "Bad parameter"

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name} {problem}" for name, problem in faults) + ".")
        self._faults = faults

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """The parameters that are wrong."""
        return self._faults


class MissingError(RequestError):
    """Nothing is at that address, or nothing for this reader."""

    code = "not_found"
    advice = "Check the id and the page number; what is for member municipalities needs a token."
    status = 404
    title = "Not found"


class MethodError(RequestError):
    """The address is only read."""

    code = "method_not_allowed"
    advice = "Use GET or HEAD; nothing is written over the API."
    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address has {allowed}.")
        self._allowed = allowed

    @property
    def headers(self) -> Mapping[str, str]:
        """What can be done with the address."""
        return {"Allow": self._allowed}


class NotAcceptableError(RequestError):
    """None of the formats there are is one that the request accepts."""

    code = "not_acceptable"
    advice = "Name one of these formats in Accept, or leave the header out."
    status = 406
    title = "Not acceptable"


class TokenNeededError(RequestError):
    """The address needs a token, and none was sent."""

    code = "token_needed"
    advice = "Send Authorization: Bearer with a token; an operator makes one (`tidan token add`)."
    status = 401
    title = "A token is needed"

    @property
    def headers(self) -> Mapping[str, str]:
        """How to say who one is (RFC 6750)."""
        return {"WWW-Authenticate": REALM}


class TokenRefusedError(RequestError):
    """What was sent is no token of this node, or one that works no more."""

    code = "token_refused"
    advice = "Ask an operator whether it was revoked (`tidan token list`), and for a new one."
    status = 401
    title = "The token is refused"

    @property
    def headers(self) -> Mapping[str, str]:
        """How to say who one is, and that this was not it (RFC 6750)."""
        return {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}


class ScopeError(RequestError):
    """The token may not do that."""

    code = "scope_needed"
    advice = "Ask an operator for a token with the scope that the message names."
    status = 403
    title = "The token's scope is too narrow"

    def __init__(self, needed: str) -> None:
        super().__init__(f"This address needs a token with the scope {needed}.")
        self._needed = needed

    @property
    def headers(self) -> Mapping[str, str]:
        """Which scope is needed (RFC 6750)."""
        said = f'error="insufficient_scope", scope="{self._needed}"'
        return {"WWW-Authenticate": f"{REALM}, {said}"}


class HostError(RequestError):
    """The node does not answer to the name it was asked by."""

    code = "wrong_host"
    advice = "Ask by one of the node's own addresses: public_url and other_origins in its settings."
    status = 421
    title = "Wrong host"
