"""Keys for other systems, for operators: which there are, a new one, an end.

A new key is shown on the page that answers the form, once; only its digest is stored.
"""

from __future__ import annotations

from aiohttp import web

from node.accounts.api_tokens import NAME_CHARS_MAX, NewToken, read_scope
from node.errors import ArgumentError
from node.web.api_words import SCOPES
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import user_of
from storage.api_token_store import Scope
from storage.errors import TooManyTokensError, UnknownTokenError

NAME_FAULT = Message(
    "Skriv vilket system som ska ha nyckeln, högst %(count)s tecken", count=NAME_CHARS_MAX
)
TOO_MANY = Message("Det finns redan så många nycklar som det får finnas. Avsluta någon först")


async def tokens_page(request: web.Request) -> web.Response:
    """GET /anvandare/nycklar"""
    return await _show(request)


async def make(request: web.Request) -> web.Response:
    """POST /anvandare/nycklar: the one page on which the new key stands."""
    posted = await read_posted(request)
    name, scope = str(posted.get("system", "")), str(posted.get("ratt", ""))
    if scope not in list(Scope):
        raise web.HTTPBadRequest
    tokens, actor = request.app[NODE].api_tokens, user_of(request).name
    try:
        made = await tokens.make(name, read_scope(scope), actor)
    except ArgumentError:
        return await _show(request, name=name, scope=scope, fault=NAME_FAULT)
    except TooManyTokensError:
        return await _show(request, name=name, scope=scope, fault=TOO_MANY)
    return await _show(request, made=made)


async def revoke(request: web.Request) -> web.Response:
    """POST /anvandare/nycklar/{number}/avsluta"""
    number = int(request.match_info["number"])
    try:
        await request.app[NODE].api_tokens.revoke(number, user_of(request).name)
    except UnknownTokenError:  # ended meanwhile; the page shows what holds now
        raise see_other("/anvandare/nycklar") from None
    raise see_other("/anvandare/nycklar?klart=nyckel-slut")


async def _show(
    request: web.Request,
    *,
    name: str = "",
    scope: str = Scope.READ_FEDERATION.value,
    fault: str = "",
    made: NewToken | None = None,
) -> web.Response:
    tokens = await request.app[NODE].api_tokens.all()
    response = request.app[RENDERER].page(
        request,
        "tokens.html",
        status=INVALID if fault else 200,
        working=[token for token in tokens if token.revoked_ms is None],
        ended=[token for token in tokens if token.revoked_ms is not None],
        scopes=SCOPES,
        name=name,
        chosen=scope,
        errors={"system": fault} if fault else {},
        made=made,
    )
    if made is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
