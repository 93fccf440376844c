"""What one follows: to begin, to see all of it, to end it."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web
from yarl import URL

from node.errors import ArgumentError
from node.following.following import Followed
from node.following.periods import Frequency
from node.following.subjects import Kind, Subject, read_subject
from node.municipal import municipalities
from node.wanted import Wanted
from node.web import labels, mail_words
from node.web.drawings import municipality_url
from node.web.feeds import personal_path, site_url
from node.web.listing import LIST_PATH, chips_of, export_path, feed_path, list_url
from node.web.message import Message, joined
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER, record_url
from node.web.site import NODE, OWN, see_other
from node.web.visitors import local_path, user_of, visible_to
from storage.digest_store import Digest
from storage.record_views import RecordRow


class FollowedLine(NamedTuple):
    """One thing on the page; `url` is empty when it is not here any more.

    `language` is that of a title, "" for words of the page.
    """

    subject: Subject
    words: str
    language: str
    url: str
    followed_ms: int


class MailChoice(NamedTuple):
    """What the page says and asks about letters; `problem` says why there can be none."""

    problem: str
    digest: Digest | None
    fault: str
    address: str
    frequency: str
    frequencies: dict[str, str]


class FeedAddress(NamedTuple):
    """One personal feed, shown when its token is made and never again."""

    words: str
    url: str


async def following_page(request: web.Request) -> web.Response:
    """GET /foljer"""
    return await show_following(request)


async def make_feed_address(request: web.Request) -> web.Response:
    """POST /foljer/flode: the one page on which the new address stands."""
    token = await request.app[NODE].following.make_feed_key(user_of(request))
    return await show_following(request, token=token)


async def end_feed_address(request: web.Request) -> web.Response:
    """POST /foljer/flode/avsluta"""
    await request.app[NODE].following.revoke_feed_key(user_of(request))
    raise see_other("/foljer?klart=flode-slut")


async def show_following(
    request: web.Request,
    *,
    token: str = "",
    fault: str = "",
    address: str = "",
    frequency: str = "",
) -> web.Response:
    """The page; `token` is a new feed address, `fault` what was wrong with an address for mail."""
    node, user = request.app[NODE], user_of(request)
    lines = await _lines(request, await node.following.of(user))
    groups = [
        (words, [line for line in lines if line.subject.kind is kind])
        for kind, words in (
            (Kind.SEARCH, Message("Sökningar")),
            (Kind.AREA, Message("Ämnen")),
            (Kind.MUNICIPALITY, Message("Kommuner")),
            (Kind.RECORD, Message("Erfarenheter")),
        )
    ]
    response = request.app[RENDERER].page(
        request,
        "following.html",
        status=INVALID if fault else 200,
        mail=await _mail_choice(request, fault, address, frequency),
        groups=[group for group in groups if group[1]],
        feed_made_ms=await node.following.feed_key_made_ms(user),
        addresses=_addresses(request, token, lines) if token else [],
    )
    if token:
        response.headers["Cache-Control"] = "no-store"
    return response


async def _mail_choice(
    request: web.Request, fault: str, address: str, frequency: str
) -> MailChoice:
    digests = request.app[NODE].digests
    known = await digests.of(user_of(request))
    return MailChoice(
        problem=mail_words.PROBLEMS[digests.problem] if digests.problem else "",
        digest=known,
        fault=fault,
        address=address if fault or known is None else known.address,
        frequency=frequency or (known.frequency if known else Frequency.WEEKLY),
        frequencies=mail_words.FREQUENCIES,
    )


def _addresses(request: web.Request, token: str, lines: list[FollowedLine]) -> list[FeedAddress]:
    """What is new, all records, and each list and record that is followed."""
    paths: list[tuple[str, str]] = [
        (Message("Nytt för dig"), "/nytt.atom"),
        (Message("Alla erfarenheter"), feed_path(LIST_PATH)),
        (Message("Kalender med datum"), export_path(LIST_PATH, "datum.ics")),
    ]
    for line in lines:
        record, wanted = line.subject.record, line.subject.wanted
        page = record_url(record) if record is not None else list_url(wanted or Wanted())
        paths.append((line.words, feed_path(page)))
    site = site_url(request)
    return [FeedAddress(words, site + personal_path(token, path)) for words, path in paths]


async def begin(request: web.Request) -> web.Response:
    """POST /foljer"""
    subject, back = await _read(request)
    node, record = request.app[NODE], subject.record
    if record is not None and not await node.queries.rows([record], visible=visible_to(request)):
        raise web.HTTPNotFound
    await node.following.begin(user_of(request), subject)
    raise see_other(str(URL(back).update_query(klart="foljer")))


async def end(request: web.Request) -> web.Response:
    """POST /foljer/sluta"""
    subject, back = await _read(request)
    await request.app[NODE].following.end(user_of(request), subject)
    raise see_other(str(URL(back).update_query(klart="foljer-inte")))


async def _read(request: web.Request) -> tuple[Subject, str]:
    """What a form names, and where to go afterwards. Raises 400 for what is nothing."""
    posted = await read_posted(request)
    try:
        subject = read_subject(str(posted.get("slag", "")), str(posted.get("mal", "")))
    except ArgumentError as error:
        raise web.HTTPBadRequest from error
    return subject, local_path(str(posted.get("till", "/foljer")))


async def _lines(request: web.Request, followed: list[Followed]) -> list[FollowedLine]:
    ids = [one.subject.record for one in followed if one.subject.record is not None]
    rows = await request.app[NODE].queries.rows(ids, visible=visible_to(request))
    shown = {row.record_id: row for row in rows}
    lines, own = [], request.app[OWN].code
    for subject, followed_ms in followed:
        row = shown.get(subject.record) if subject.record is not None else None
        words, url = _described(subject, row, own)
        language = row.language if row else ""
        lines.append(FollowedLine(subject, words, language, url, followed_ms))
    return lines


def _described(subject: Subject, row: RecordRow | None, own: str) -> tuple[str, str]:
    """Words for what is followed, and where it leads; `own` is our kommunkod."""
    if subject.record is not None:
        if row is None:
            return Message("En erfarenhet som inte längre visas"), ""
        return row.title, record_url(subject.record, row.title)
    wanted = subject.wanted
    assert wanted is not None
    if subject.kind is Kind.AREA:
        return labels.area(subject.target), list_url(wanted)
    if subject.kind is Kind.MUNICIPALITY:
        return municipalities.name_of(subject.target), municipality_url(subject.target)
    return joined([chip.words for chip in chips_of(wanted, own)]), list_url(wanted)
