"""Asking a domain for its confirmation, and a server for its certificate, over real TLS."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from node.addresses import EVERYWHERE
from node.alerts import guarded_fetch
from node.alerts.certificates import read_validity
from node.alerts.conditions import DAY_MS, UNREACHED_MS
from node.alerts.confirmation import PATH, Answer, ask_domain, confirmation
from node.alerts.guarded_fetch import FetchError, Guard, fetch_small
from node.alerts.outside import Outside
from odd_servers import tcp_server
from tls_server import Authority, WebServer, guard_for, web_server

LOG = bytes.fromhex("ab" * 32)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who signs the certificates of this test."""
    return Authority(tmp_path)


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[WebServer]:
    """A web site that confirms our log."""
    async with web_server(
        lambda _: web.json_response(confirmation(LOG)), authority.server()
    ) as running:
        yield running


async def test_a_domain_confirms_denies_or_says_nothing(
    server: WebServer, authority: Authority
) -> None:
    """Each answer of a web site is told apart, and the address is the one that was promised."""
    guard = guard_for(server, authority)
    assert await ask_domain("localhost", LOG, guard) is Answer.CONFIRMED
    assert await ask_domain("localhost", bytes(32), guard) is Answer.OTHER
    assert set(server.asked) == {PATH}
    for answer, expected in (
        (web.Response(status=404), Answer.MISSING),
        (web.Response(status=403), Answer.MISSING),
        (web.Response(status=503), Answer.UNREACHABLE),
        (web.Response(body=b"x" * 5_000), Answer.MISSING),
    ):
        server.answer = lambda _, given=answer: given
        assert await ask_domain("localhost", LOG, guard) is expected


async def test_redirects_keep_to_the_same_rules(server: WebServer, authority: Authority) -> None:
    """One to the same site is followed; none leads to http, another port, an address, or in a
    circle.
    """
    guard = guard_for(server, authority)
    places = {
        f"https://localhost:{server.port}/end": Answer.CONFIRMED,
        "/end": Answer.CONFIRMED,
        f"http://localhost:{server.port}/end": Answer.UNREACHABLE,
        "https://localhost:1/end": Answer.UNREACHABLE,
        f"https://127.0.0.1:{server.port}/end": Answer.UNREACHABLE,
        f"https://2130706433:{server.port}/end": Answer.UNREACHABLE,
        f"https://a:b@localhost:{server.port}/end": Answer.UNREACHABLE,
        PATH: Answer.UNREACHABLE,
    }
    for place, expected in places.items():

        def answer(request: web.Request, place: str = place) -> web.StreamResponse:
            if request.path == "/end":
                return web.json_response(confirmation(LOG))
            return web.Response(status=302, headers={"Location": place})

        server.answer = answer
        assert await ask_domain("localhost", LOG, guard) is expected, place


async def test_cve_2023_36461_a_slow_answer_is_given_up(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2023-36461, CVE-2021-21274: who answers a byte now and then is left, however many bytes
    it still has: the time is counted over all of it.
    """
    monkeypatch.setattr(guarded_fetch, "SECONDS_MAX", 0.5)

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)

    async with tcp_server(trickle, authority.server()) as port:
        guard = Guard((ip_network("127.0.0.1/32"),), port, authority.trust())
        with pytest.raises(FetchError, match="in time"):
            await fetch_small(f"https://localhost:{port}/", 1_000, guard)


async def test_nothing_within_the_network_is_asked(server: WebServer, authority: Authority) -> None:
    """As a node asks, a name that leads to loopback is left, and the server hears nothing."""
    guard = Guard(port=server.port, trust=authority.trust())

    assert await ask_domain("localhost", LOG, guard) is Answer.UNREACHABLE
    assert server.asked == []


async def test_a_site_must_show_who_it_is(server: WebServer, authority: Authority) -> None:
    """A certificate that nobody trusted has signed is as no answer."""
    guard = replace(guard_for(server, authority), trust=None)
    with pytest.raises(FetchError) as refused:
        await fetch_small(f"https://localhost:{server.port}/", 100, guard)

    assert refused.value.status == 0
    assert server.asked == []


async def test_the_dates_of_a_certificate_are_read_also_when_it_has_ended(
    authority: Authority,
) -> None:
    """The server's own word, whoever signed it; an address where none is shown gives nothing, and
    so does one inside the network, unless it may be called.
    """
    now_ms = int(time.time() * 1000)
    for ends_days in (5, -2):
        tls = authority.server(-30, ends_days)
        async with web_server(lambda _: web.Response(), tls) as running:
            found = await read_validity(f"https://localhost:{running.port}", EVERYWHERE)
            hidden = await read_validity(f"https://localhost:{running.port}")
        assert hidden is None
        assert found is not None
        assert abs(found.ends_ms - now_ms - ends_days * DAY_MS) < DAY_MS // 24
        assert abs(found.begins_ms - now_ms + 30 * DAY_MS) < DAY_MS // 24
    async with web_server(lambda _: web.Response()) as plain:
        assert await read_validity(f"https://localhost:{plain.port}", EVERYWHERE) is None
        assert await read_validity(f"http://localhost:{plain.port}", EVERYWHERE) is None
        assert plain.asked == []


async def test_a_site_that_is_away_says_what_it_said(
    server: WebServer, authority: Authority
) -> None:
    """For a day; then it is unreachable since it first was. Nobody is asked twice in a while."""
    outside = Outside(LOG, guard_for(server, authority))
    answers = []
    for now_ms, is_there in ((1, True), (2, False), (3, False), (2 + UNREACHED_MS, False)):
        status = 200 if is_there else 503
        server.answer = lambda _, status=status: web.json_response(
            confirmation(bytes(32)), status=status
        )
        await outside.ask([], "localhost", now_ms, 0)
        answers.append(outside.confirmation("localhost"))

    assert [one and (one.answer, one.since_ms) for one in answers] == [
        *[("other", 1)] * 3,
        ("unreachable", 2),
    ]
    count = len(server.asked)
    await outside.ask([], "localhost", 3 + UNREACHED_MS, 10)
    assert len(server.asked) == count
    await outside.ask([], None, 4 + UNREACHED_MS, 10)
    assert outside.confirmation("localhost") is None
