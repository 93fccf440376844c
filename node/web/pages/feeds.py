"""A feed for every list: records by any filter, one municipality's, what is said about one."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from node.following.following import NEWS_SHOWN
from node.municipal import municipalities, taxonomy
from node.web import labels
from node.web.atom import ENTRIES_MAX, Item, urn
from node.web.drawings import municipality_url
from node.web.feeds import author_of, feed_language, feed_reader, feed_response, make_feed, site_url
from node.web.language import SOURCE
from node.web.listing import chips_of, list_url, read_filter
from node.web.message import Message, joined
from node.web.news_words import news_line
from node.web.render import record_url
from node.web.site import NODE, OWN, read_id, short_name
from storage.news_views import NewsItem
from storage.record_views import CommentRow, RecordFilter, RecordRow


async def list_feed(request: web.Request) -> web.Response:
    """GET /erfarenheter/flode.atom"""
    own = request.app[OWN].code
    wanted = replace(read_filter(request.query, own), page=1, page_size=ENTRIES_MAX)
    words = joined([chip.words for chip in chips_of(wanted, own)]) or Message("Alla erfarenheter")
    return await _records(request, wanted, words, list_url(wanted))


async def municipality_feed(request: web.Request) -> web.Response:
    """GET /kommuner/{code}/flode.atom"""
    code = request.match_info["code"]
    reader = await feed_reader(request)
    detail = await request.app[NODE].queries.municipality(code, visible=reader.visible)
    if detail is None and municipalities.by_code(code) is None:
        raise web.HTTPNotFound
    name = short_name(code, detail.name if detail else "")
    wanted = RecordFilter(municipality=code, page_size=ENTRIES_MAX)
    return await _records(request, wanted, name, municipality_url(code))


async def record_feed(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/flode.atom"""
    reader, record = await feed_reader(request), read_id(request.match_info["id"])
    detail = await request.app[NODE].queries.record(record, visible=reader.visible)
    if detail is None:
        raise web.HTTPNotFound
    said = [row for row in detail.comments if row.has_text and row.withdrawn is None]
    said.sort(key=lambda row: (row.shown_ms, row.entry_id), reverse=True)
    row = detail.row
    newest = said[:ENTRIES_MAX]
    texts = await request.app[NODE].queries.comment_texts([one.entry_id for one in newest])
    items = [_comment_item(request, row, one, texts.get(one.entry_id, "")) for one in newest]
    title = Message("Frågor och kommentarer om %(title)s", title=row.title)
    page = record_url(row.record_id, row.title)
    feed = make_feed(request, title, page, items, "comments", record.hex())
    return feed_response(request, feed)


async def news_feed(request: web.Request) -> web.Response:
    """GET /flode/{token}/nytt.atom"""
    owner = (await feed_reader(request)).owner
    if owner is None:
        raise web.HTTPNotFound
    news = await request.app[NODE].following.news(owner, NEWS_SHOWN)
    items = [_news_item(request, item) for item in news.items]
    title = Message("Nytt för %(name)s", name=owner.full_name)
    return feed_response(
        request, make_feed(request, title, "/nytt", items, "news", str(owner.number))
    )


async def _records(
    request: web.Request, wanted: RecordFilter, title: str, page_path: str
) -> web.Response:
    reader = await feed_reader(request)
    page = await request.app[NODE].queries.list_records(wanted, visible=reader.visible)
    items = [_record_item(request, row) for row in page.rows]
    return feed_response(request, make_feed(request, title, page_path, items, "list", page_path))


def _record_item(request: web.Request, row: RecordRow) -> Item:
    return Item(
        id=urn(row.record_id.hex()),
        title=row.title,
        url=site_url(request) + record_url(row.record_id, row.title),
        author=author_of(request, row.code, row.municipality),
        published_ms=row.published_ms,
        updated_ms=max(row.changed_ms, row.published_ms),
        text=row.summary,
        about=(row.area, taxonomy.label(row.area, feed_language(request).code)),
        title_language=row.language,
        text_language=row.language,
    )


def _comment_item(request: web.Request, record: RecordRow, row: CommentRow, text: str) -> Item:
    kind = labels.label(labels.COMMENT_KINDS, row.kind)
    who = short_name(row.code, row.municipality)
    title = Message("%(kind)s från %(who)s", kind=kind, who=who)
    page = site_url(request) + record_url(record.record_id, record.title)
    return Item(
        id=urn(row.entry_id.hex()),
        title=feed_language(request).translated(title),
        url=f"{page}#k-{row.entry_id.hex()}",
        author=author_of(request, row.code, row.municipality),
        published_ms=row.shown_ms,
        updated_ms=row.shown_ms,
        text=text,
        text_language=SOURCE,
    )


def _news_item(request: web.Request, item: NewsItem) -> Item:
    line = news_line(item, seen_ms=0)
    about = f"{line.who} {feed_language(request).translated(line.act)}"
    return Item(
        id=urn(item.entry_id.hex()),
        title=f"{about}: {line.title}",
        url=site_url(request) + line.url,
        author=author_of(request, item.code, item.municipality),
        published_ms=item.shown_ms,
        updated_ms=item.received_ms,
        text=f"{about}: {line.title}",
    )
