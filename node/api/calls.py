"""One request to the API: who asks, what they may see, what they ask for; and its answer.

Who asks is said by a token in the header `Authorization` and by nothing else: a browser's session
counts for nothing here, so no page elsewhere can read with somebody's rights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import ETag, hdrs, web
from pydantic import BaseModel

from node.api.accepting import best
from node.api.errors import (
    NotAcceptableError,
    ScopeError,
    TokenNeededError,
    TokenRefusedError,
)
from node.api.reading import Query
from node.operations.node import Node
from node.web.feeds import site_url
from node.web.site import NODE, OWN, OwnMunicipality
from node.web.visitors import viewer_of
from storage.api_token_store import Scope
from storage.record_views import MEMBERS, PUBLIC

JSON = "application/json"
Q = TypeVar("Q", bound=Query)


@dataclass(frozen=True, slots=True)
class Call(Generic[Q]):
    """What a handler of the API is given; `scope` is None for who sent no token."""

    request: web.Request
    query: Q
    scope: Scope | None

    @property
    def node(self) -> Node:
        """The node that is asked."""
        return self.request.app[NODE]

    @property
    def own(self) -> OwnMunicipality:
        """The municipality whose node it is."""
        return self.request.app[OWN]

    @property
    def site(self) -> str:
        """Where the node is for others, without a slash at the end."""
        return site_url(self.request)

    @property
    def visible(self) -> tuple[str, ...]:
        """Visibilities that whoever asks may see."""
        return PUBLIC if self.scope is None else MEMBERS


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, and the pages beside it by their relation (RFC 8288)."""

    document: BaseModel
    links: Mapping[str, str] = field(default_factory=dict)


async def read_scope_of(request: web.Request, needed: Scope | None) -> Scope | None:
    """What the request may do; None without a token.

    Raises `TokenNeededError`, `TokenRefusedError` or `ScopeError`.
    """
    said = request.headers.getall(hdrs.AUTHORIZATION, [])
    if not said:
        if needed is not None or not viewer_of(request).reading_is_open:
            raise TokenNeededError("Nothing here is read without a token.")
        return None
    scheme, _, text = said[0].partition(" ")
    if len(said) > 1 or scheme.lower() != "bearer" or not text.strip():
        raise TokenRefusedError("Authorization must be: Bearer, a space, and a token.")
    token = await request.app[NODE].api_tokens.holder(text.strip())
    if token is None:
        raise TokenRefusedError("The token is not known here, or works no more.")
    if needed is not None and not token.scope.covers(needed):
        raise ScopeError(needed.value)
    return token.scope


def require_json(request: web.Request) -> None:
    """Raise `NotAcceptableError` unless the request takes JSON."""
    if best(request.headers.get(hdrs.ACCEPT), [JSON]) is None:
        raise NotAcceptableError(f"This address answers with {JSON}.")


def respond(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """The document, or nothing but 304 when the caller has it already."""
    value = hashlib.sha256(content_type.encode() + body).hexdigest()[:32]
    known = request.if_none_match
    if known is not None and any(one.value in {value, "*"} for one in known):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=content_type, charset="utf-8")
    # Weak: the same document may travel compressed.
    response.etag = ETag(value=value, is_weak=True)
    response.headers[hdrs.VARY] = "Accept, Authorization"
    return response
