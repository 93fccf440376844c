"""Pages and files are sent small, and no length tells another site what a page holds."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from web_site import Site, open_site

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FROM_ELSEWHERE = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {})
FROM_HERE = ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"})


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node with nothing in it."""
    async with open_site(tmp_path) as opened:
        yield opened


async def coding(site: Site, path: str, **headers: str) -> str:
    """How an answer came."""
    given = {name.replace("-", "_"): value for name, value in headers.items()}
    given |= {"Accept_Encoding": "gzip"}
    return (await site.get(path, **given)).headers.get("Content-Encoding", "")


@pytest.mark.parametrize("headers", [*FROM_ELSEWHERE, *FROM_HERE], ids=str)
async def test_pages_without_secrets_are_always_compressed(
    site: Site, headers: dict[str, str]
) -> None:
    """Whoever is not signed in gets every page small, also one that is missing."""
    public = site.signed_out()

    assert await coding(public, "/erfarenheter?q=larm", **headers) == "gzip"
    assert await coding(public, "/finns-inte", **headers) == "gzip"


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
async def test_what_another_site_starts_keeps_its_length(
    site: Site, headers: dict[str, str]
) -> None:
    """A page with a user's key beside what the address says is not compressed for others."""
    assert await coding(site, "/erfarenheter?q=larm", **headers) == ""


@pytest.mark.parametrize("headers", FROM_HERE, ids=str)
async def test_own_pages_are_compressed_for_users(site: Site, headers: dict[str, str]) -> None:
    """Somebody signed in gets pages small when they asked for them."""
    assert await coding(site, "/erfarenheter?q=larm", **headers) == "gzip"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip, deflate, br", "gzip"),
        ("GZIP", "gzip"),
        ("*", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("gzip; q=0.00, *", ""),
        ("br", ""),
        ("identity", ""),
    ],
)
async def test_only_who_can_unpack_gets_it_packed(site: Site, accepted: str, expected: str) -> None:
    """Pages and files follow what the request accepts, and caches are told so."""
    public = site.signed_out()
    start = await public.get("/", Accept_Encoding=accepted)
    style = re.findall(r'"(/static/[^"]+/base\.css)"', start.text)[0]
    file = await public.get(style, Accept_Encoding=accepted)

    for answer in (start, file):
        assert answer.headers.get("Content-Encoding", "") == expected
        assert "Accept-Encoding" in ", ".join(answer.headers.getall("Vary"))


async def test_what_is_packed_is_the_same(site: Site) -> None:
    """Unpacked, a page and a file are what they are without compression; the length is right."""
    start = (await site.signed_out().get("/")).text
    style = re.findall(r'"(/static/[^"]+/base\.css)"', start)[0]
    async with aiohttp.ClientSession(site.served.url, auto_decompress=False) as session:
        for path in ("/om", style):
            bodies = []
            for accepted in ("identity", "gzip", "zstd"):
                async with session.get(path, headers={"Accept-Encoding": accepted}) as answer:
                    bodies.append(await answer.read())
                    assert answer.content_length == len(bodies[-1])
            plain, by_gzip, by_zstd = bodies
            assert gzip.decompress(by_gzip) == zstd.decompress(by_zstd) == plain
            assert max(len(by_gzip), len(by_zstd)) < len(plain) / 2
