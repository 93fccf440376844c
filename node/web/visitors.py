"""Who looks at a page: the session cookie, the visitor behind it, and the address asking.

The cookie holds a random token and nothing else. It is out of reach for scripts, is not sent with
what other sites start, and over https it is bound to this host alone (`__Host-`), so that no other
name under the municipality's domain can set it. Over http, as on one's own machine, its name holds
the node's id: browsers keep cookies by host and not by port, and several nodes may share a machine.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from node.ground.ground import SESSION_LIFETIME
from node.operations.operations import Operations
from node.web.access import Needs, Open, allows
from node.web.site import NODE
from storage.account_views import Role, User
from storage.record_views import MEMBERS, PUBLIC
from storage.session_store import Visitor

COOKIE_SECONDS = SESSION_LIFETIME.whole_ms // 1_000
VISITOR = web.RequestKey("visitor", Visitor)
UNREAD = web.RequestKey("unread", int)
KEY_FIELD = "nyckel"
"""The field in which each form of a signed-in user carries the user's key."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a page is made for; `key` is what its forms carry, `unread` how much is new for them,
    `to_mend` how much needs them.
    """

    user: User | None
    key: str
    reading_is_open: bool
    unread: int = 0
    to_mend: int = 0

    def may(self, needs: Needs | str) -> bool:
        """Whether to show what leads to a page with these needs; templates name roles as text."""
        wanted = needs if isinstance(needs, Open | Role) else Role(needs)
        return allows(wanted, self.user, reading_is_open=self.reading_is_open)


def viewer_of(request: web.Request) -> Viewer:
    """Who looks; nobody in particular before `know_visitor` has run."""
    reading_is_open = request.app[NODE].settings.read_access == "open"
    visitor = request.get(VISITOR)
    if visitor is None:
        return Viewer(None, "", reading_is_open)
    looks_after = visitor.user.role.covers(Role.FEDERATION_ADMIN)
    return Viewer(
        visitor.user,
        visitor.form_key.hex(),
        reading_is_open,
        request.get(UNREAD, 0),
        request.app[NODE].alerts.count if looks_after else 0,
    )


async def know_visitor(request: web.Request) -> None:
    """Look up whose session the cookie opens, and how much is new for that user."""
    node = request.app[NODE]
    visitor = await node.sessions.visitor(session_token(request))
    if visitor is not None:
        request[VISITOR] = visitor
        request[UNREAD] = await node.following.unread(visitor.user)


def user_of(request: web.Request) -> User:
    """Who is signed in, on a page that needs it. Raises 403 on any other."""
    user = viewer_of(request).user
    if user is None:
        raise web.HTTPForbidden
    return user


def visible_to(request: web.Request) -> tuple[str, ...]:
    """Visibilities the visitor may see: who is signed in also what is for member municipalities."""
    return PUBLIC if viewer_of(request).user is None else MEMBERS


def acting(request: web.Request) -> Operations:
    """The node's verbs, in the name of who is signed in."""
    return request.app[NODE].acting(user_of(request).name)


async def changeable(request: web.Request, entries: Collection[str]) -> frozenset[str]:
    """Which of our own entries the visitor may change: an editor all, an author the own ones.

    Who wrote an entry stands in the audit of this node and nowhere else.
    """
    user = viewer_of(request).user
    if user is None or not entries or not user.role.covers(Role.AUTHOR):
        return frozenset()
    if user.role.covers(Role.EDITOR):
        return frozenset(entries)
    return frozenset(await request.app[NODE].audit.done_by(user.name, entries))


async def require_change(request: web.Request, entry: str) -> None:
    """Raise 403 unless the visitor may change one of our own entries."""
    if entry not in await changeable(request, [entry]):
        raise web.HTTPForbidden


def carries_key(request: web.Request, posted_key: object) -> bool:
    """Whether a form came from a page that was made for this user."""
    key = viewer_of(request).key
    return isinstance(posted_key, str) and hmac.compare_digest(
        posted_key.encode("utf-8", "replace"), key.encode()
    )


def session_token(request: web.Request) -> str | None:
    """The token in the cookie, if there is one."""
    return request.cookies.get(_cookie_name(request))


def keep_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its token."""
    response.set_cookie(
        _cookie_name(request),
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_https(request),
    )


def drop_session(request: web.Request, response: web.StreamResponse) -> None:
    """Have the browser forget its token."""
    response.del_cookie(
        _cookie_name(request), path="/", httponly=True, samesite="Lax", secure=is_https(request)
    )


def is_https(request: web.Request) -> bool:
    """Whether the browser speaks https with us, directly or with the proxy at our public address.

    Nothing that a request claims about itself decides: the address asked must be one of our own.
    """
    return request.secure or f"https://{request.host.lower()}" in request.app[NODE].settings.origins


def _cookie_name(request: web.Request) -> str:
    return "__Host-tidan" if is_https(request) else f"tidan-{request.app[NODE].own_log.hex()[:8]}"


def address_of(request: web.Request) -> str:
    """Where a request comes from: the caller, or what the outermost of our own proxies saw."""
    count = request.app[NODE].settings.proxy_count
    said = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    if count and len(said) >= count and said[-count].strip():
        return said[-count].strip()
    return request.remote or ""


def local_path(text: str) -> str:
    """A place on this site to go to afterwards; anything that might lead elsewhere is the start."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isprintable() and "\\" not in text else "/"
