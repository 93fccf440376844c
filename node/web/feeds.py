"""Feeds on request: who asks, where the site is, and whether anything has changed since.

A feed is open to whoever may read, and then holds what the public may see, also for a browser that
is signed in: an address never shows different things to different people. A personal address has a
token in it and holds what its owner may see; it works until its owner ends it or is put out.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from aiohttp import web

from node.web.atom import CONTENT_TYPE, Author, Feed, Item, atom, urn
from node.web.drawings import municipality_url
from node.web.language import PARAMETER, SOURCE, Language, languages
from node.web.site import NODE, OWN, official_name
from node.web.visitors import is_https
from storage.account_views import User
from storage.record_views import MEMBERS, PUBLIC

PERSONAL = "/flode/{token:[A-Za-z0-9_-]{43}}"
LATEST_MS = 253_402_300_799_000  # the last second of the year 9999


class FeedReader(NamedTuple):
    """Who asks for a feed: what they may see, and whose address it is."""

    visible: tuple[str, ...]
    owner: User | None


async def feed_reader(request: web.Request) -> FeedReader:
    """Who asks. Raises 404 for a personal address that works no more."""
    token = request.match_info.get("token")
    if token is None:
        return FeedReader(PUBLIC, None)
    owner = await request.app[NODE].following.feed_owner(token)
    if owner is None:
        raise web.HTTPNotFound
    return FeedReader(MEMBERS, owner)


def personal_path(token: str, path: str) -> str:
    """The personal address of a feed."""
    return f"/flode/{token}{path}"


def feed_language(request: web.Request) -> Language:
    """The language an address names, otherwise Swedish: whoever asks, it is the same feed."""
    return languages().get(request.query.get(PARAMETER, ""), languages()[SOURCE])


def site_url(request: web.Request) -> str:
    """Where the site is for others: the address its operator stated, else the one asked for."""
    stated = request.app[NODE].settings.public_url
    return stated or f"{'https' if is_https(request) else 'http'}://{request.host}"


def make_feed(
    request: web.Request, title: str, page_path: str, items: list[Item], *names: str
) -> Feed:
    """A feed of this node; `names` tell it apart from the node's others, for ever."""
    own, site, language = request.app[OWN], site_url(request), feed_language(request)
    names = names if language.code == SOURCE else (*names, language.code)
    return Feed(
        id=urn(own.log.hex(), *names),
        language=language.code,
        title=f"{language.translated(title)} – Tidan, {own.name}",
        url=site + request.path_qs,
        page_url=site + page_path,
        author=Author(own.official_name, site + municipality_url(own.code)),
        items=tuple(items),
    )


def author_of(request: web.Request, code: str, name: str) -> Author:
    """The municipality whose entry it is."""
    return Author(official_name(code, name), site_url(request) + municipality_url(code))


def feed_response(request: web.Request, feed: Feed) -> web.Response:
    """The feed, or nothing but 304 when the reader has it already."""
    body = atom(feed)
    etag = hashlib.sha256(body).hexdigest()[:32]
    updated_ms = min(feed.updated_ms, LATEST_MS)
    changed = datetime.fromtimestamp(updated_ms // 1000, UTC)
    if _has_it(request, etag, changed):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=CONTENT_TYPE, charset="utf-8")
    response.etag = etag
    response.last_modified = changed
    return response


def _has_it(request: web.Request, etag: str, changed: datetime) -> bool:
    """A reader that names what it has is believed in that alone (RFC 9110 §13.1.3)."""
    if request.if_none_match is not None:
        return any(known.value in {etag, "*"} for known in request.if_none_match)
    since = request.if_modified_since
    return since is not None and changed <= since
