"""What `parts/follow.html` needs on a page that shows something one can follow."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from node.following.subjects import Kind, Subject, record_subject, subject_of
from node.municipal import municipalities, taxonomy
from node.web.listing import list_url
from node.web.render import municipality_url, record_url
from node.web.site import NODE
from node.web.visitors import viewer_of
from storage.record_views import RecordFilter, RecordRow


class FollowPart(NamedTuple):
    """What can be followed here, in words that go after "Följ", and where to return to.

    `subject` is None for the list of everything, which nobody follows.
    """

    subject: Subject | None
    words: str
    back: str
    followed: bool


async def follow_list(request: web.Request, wanted: RecordFilter) -> FollowPart:
    """For a list and its filters."""
    subject = subject_of(wanted)
    words = "den här sökningen"
    if subject is not None and subject.kind is Kind.AREA:
        words = taxonomy.label(subject.target)
    elif subject is not None and subject.kind is Kind.MUNICIPALITY:
        words = municipalities.name_of(subject.target)
    return await _part(request, subject, words, list_url(wanted))


async def follow_municipality(request: web.Request, code: str) -> FollowPart:
    """For a municipality's page."""
    subject = Subject(Kind.MUNICIPALITY, code)
    return await _part(request, subject, municipalities.name_of(code), municipality_url(code))


async def follow_record(request: web.Request, row: RecordRow) -> FollowPart:
    """For a record's page."""
    subject, back = record_subject(row.record_id), record_url(row.record_id, row.title)
    return await _part(request, subject, "erfarenheten", back)


async def _part(request: web.Request, subject: Subject | None, words: str, back: str) -> FollowPart:
    user, following = viewer_of(request).user, request.app[NODE].following
    followed = bool(user and subject and await following.follows(user, subject))
    return FollowPart(subject, words, back, followed)
