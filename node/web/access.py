"""What each route needs of who asks, in one table that is filled when routes are added.

A route without a declaration is never served: the check fails closed, and a test asks the router.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from aiohttp import web

from storage.account_views import Role, User

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Open(StrEnum):
    """What needs no role."""

    ALWAYS = "always"
    """For everybody: signing in, and what a link opens that works once."""
    UNSEEN = "unseen"
    """For everybody, and nobody asks who it is: the view's own files, what machines ask for."""
    LINK = "link"
    """For whoever holds the address: a secret in it says who may, and a form needs no more."""
    READING = "reading"
    """For everybody on a node that is open for reading, else for readers."""


Needs = Open | Role


class Route(NamedTuple):
    """One address of the web view, and what it needs."""

    method: str
    path: str
    handler: Handler
    needs: Needs


def get(path: str, handler: Handler, needs: Needs) -> Route:
    """An address that is read."""
    return Route("GET", path, handler, needs)


def post(path: str, handler: Handler, needs: Needs) -> Route:
    """An address that changes something."""
    return Route("POST", path, handler, needs)


NEEDS = web.AppKey("needs", dict[tuple[str, str], Needs])


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Serve the routes, each with its declaration."""
    needs = app[NEEDS]
    for route in routes:
        add = app.router.add_get if route.method == "GET" else app.router.add_post
        added = add(route.path, route.handler)
        assert added.resource is not None
        needs[route.method, added.resource.canonical] = route.needs


def needs_of(request: web.Request) -> Needs | None:
    """What the asked route needs; None for an address that leads nowhere."""
    if request.match_info.http_exception is not None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[NEEDS][method, place_of(request)]


def place_of(request: web.Request) -> str:
    """The address without what it names: for log lines, since an address may hold a secret."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(no page)"


def allows(needs: Needs, user: User | None, *, reading_is_open: bool) -> bool:
    """Whether somebody (None: not signed in) may have what a route serves."""
    if needs in (Open.ALWAYS, Open.UNSEEN, Open.LINK) or (
        needs is Open.READING and reading_is_open
    ):
        return True
    role = Role.READER if needs is Open.READING else Role(needs)
    return user is not None and user.role.covers(role)
