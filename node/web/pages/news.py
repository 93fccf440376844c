"""What is new for whoever is signed in. Looking at it is what makes it seen."""

from __future__ import annotations

from aiohttp import web

from node.following.following import NEWS_SHOWN
from node.web.news_words import news_days
from node.web.render import RENDERER
from node.web.site import NODE
from node.web.visitors import user_of


async def news_page(request: web.Request) -> web.Response:
    """GET /nytt"""
    node, user = request.app[NODE], user_of(request)
    news = await node.following.news(user)
    response = request.app[RENDERER].page(
        request,
        "news.html",
        days=news_days(news.items, news.seen_ms, node.clock.time_ms()),
        unread=news.unread,
        left_out=max(0, news.unread - NEWS_SHOWN),
        follows=news.follows,
    )
    if request.method == "GET":
        await node.following.look(user, news)
    return response
