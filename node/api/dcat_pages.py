"""The open-data catalogue on request, in the three syntaxes that portals harvest."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from aiohttp import hdrs, web

from node.api.accepting import best
from node.api.calls import read_scope_of, respond
from node.api.catalogue_facts import Facts
from node.api.errors import NotAcceptableError
from node.api.reading import Query, read_query
from node.web.access import Handler
from node.web.drawings import municipality_url
from node.web.feeds import LATEST_MS, site_url
from node.web.site import NODE, OWN
from node.web.visitors import viewer_of
from storage.record_views import PUBLIC

PATH = "/dcat"
SYNTAXES = {
    ".ttl": ("text/turtle", "turtle"),
    ".jsonld": ("application/ld+json", "json-ld"),
    ".rdf": ("application/rdf+xml", "pretty-xml"),
}
"""Ending of the address → media type, and what the library calls it; the first is for no wish."""


async def by_wish(request: web.Request) -> web.Response:
    """GET /dcat: the syntax that the request accepts most."""
    offered = [media_type for media_type, _ in SYNTAXES.values()]
    chosen = best(request.headers.get(hdrs.ACCEPT), offered)
    if chosen is None:
        raise NotAcceptableError(f"The catalogue comes as {', '.join(offered)}.")
    return await _respond(request, chosen)


def as_file(ending: str) -> Handler:
    """The handler of GET /dcat.ttl and its sisters."""

    async def handle(request: web.Request) -> web.Response:
        return await _respond(request, SYNTAXES[ending][0])

    return handle


async def _respond(request: web.Request, media_type: str) -> web.Response:
    await read_scope_of(request, None)
    read_query(Query, request.query)
    node, own = request.app[NODE], request.app[OWN]
    detail = await node.queries.municipality(own.code, visible=PUBLIC)
    contact = detail.profile.contact if detail and detail.profile else None
    stated = node.settings.accessibility
    name, email = (contact.role, contact.email) if contact and contact.email else ("", "")
    newest = await node.queries.newest(1, visible=PUBLIC)
    facts = Facts(
        site=site_url(request),
        publisher=own.official_name,
        publisher_url=site_url(request) + municipality_url(own.code),
        contact=name or stated.contact or own.official_name,
        email=email or stated.email,
        changed=_day(newest[0].published_ms) if newest else None,
        is_open=viewer_of(request).reading_is_open,
    )
    body = await asyncio.to_thread(_written, media_type, facts)
    return respond(request, body, media_type)


def _written(media_type: str, facts: Facts) -> bytes:
    from node.api.dcat import catalogue  # noqa: PLC0415  # takes half a second, seldom needed

    (syntax,) = (name for kind, name in SYNTAXES.values() if kind == media_type)
    text: bytes = catalogue(facts).serialize(format=syntax, encoding="utf-8")
    return text


def _day(time_ms: int) -> date:
    return datetime.fromtimestamp(min(time_ms, LATEST_MS) / 1000, UTC).date()
