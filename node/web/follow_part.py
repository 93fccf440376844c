"""What `parts/follow.html` needs on a page that shows something one can follow."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from node.following.subjects import Kind, Subject, record_subject, subject_of
from node.municipal import municipalities
from node.wanted import Wanted
from node.web import labels
from node.web.drawings import municipality_url
from node.web.listing import feed_path, list_url
from node.web.message import Message
from node.web.render import area_url, record_url
from node.web.site import NODE
from node.web.visitors import viewer_of
from storage.record_views import RecordRow


class FollowPart(NamedTuple):
    """What can be followed here, in words that go after "Följ", and where to return to.

    `subject` is None for the list of everything, which nobody follows. `feed` is the address of the
    feed; empty where reading needs signing in, which no feed reader does.
    """

    subject: Subject | None
    words: str
    back: str
    followed: bool
    feed: str


async def follow_list(request: web.Request, wanted: Wanted) -> FollowPart:
    """For a list and its filters."""
    subject = subject_of(wanted)
    words: str = Message("den här sökningen")
    if subject is not None and subject.kind is Kind.AREA:
        words = labels.area(subject.target)
    elif subject is not None and subject.kind is Kind.MUNICIPALITY:
        words = municipalities.name_of(subject.target)
    back = list_url(wanted)
    return await _part(request, subject, words, back, feed_path(back))


async def follow_area(request: web.Request, area: str) -> FollowPart:
    """For an area's page."""
    subject = Subject(Kind.AREA, area)
    feed = feed_path(list_url(Wanted(area=area)))
    return await _part(request, subject, labels.area(area), area_url(area), feed)


async def follow_municipality(request: web.Request, code: str) -> FollowPart:
    """For a municipality's page."""
    subject = Subject(Kind.MUNICIPALITY, code)
    words, back = municipalities.name_of(code), municipality_url(code)
    return await _part(request, subject, words, back, feed_path(f"/kommuner/{code}"))


async def follow_record(request: web.Request, row: RecordRow) -> FollowPart:
    """For a record's page."""
    subject, back = record_subject(row.record_id), record_url(row.record_id, row.title)
    feed = feed_path(record_url(row.record_id))
    return await _part(request, subject, Message("erfarenheten"), back, feed)


async def _part(
    request: web.Request, subject: Subject | None, words: str, back: str, feed: str
) -> FollowPart:
    viewer, following = viewer_of(request), request.app[NODE].following
    user = viewer.user
    followed = bool(user and subject and await following.follows(user, subject))
    return FollowPart(subject, words, back, followed, feed if viewer.reading_is_open else "")
