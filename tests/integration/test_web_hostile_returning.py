"""What a hostile municipality writes is harmless where people come back: news, feeds, letters."""

from __future__ import annotations

from pathlib import Path

import feedparser
import pytest

from atom_check import assert_valid
from content_factories import an_experience
from factories import LogMaker
from letters_asked import subscribe, tomorrow
from mail_server import html_of, mail_server, text_of
from protocol.content import Comment
from web_site import Page, assert_sound, open_site, write

NAME = "<b onclick=x>Hjo</b> ]]> kommun"
SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
HUGE = "ordutanslut" * 13
TURNED = "exempel \u202efdp.exe"
PLACES = "%(what)s %s {{ 7 * 7 }} {% trans %}"
LOOK_ALIKE = "Tіdaholm https://exempel.se/\u200e"


def a_hostile_log(own_record: str) -> LogMaker:
    """A log whose texts try everything that can be written; what turns text cannot be read."""
    hostile = LogMaker(2, code="1497", name=NAME)
    for title in (SCRIPT, HUGE, LOOK_ALIKE, PLACES):
        write(hostile, "experience", an_experience(title=title, summary=title))
    content = an_experience().model_dump_json(by_alias=True, exclude_none=True)
    hostile.append("experience", content.replace("Exempel: digital", TURNED).encode())
    tags = ",".join(f'"t{number}"' for number in range(10_000))
    hostile.append("experience", content.replace('"tags":[]', f'"tags":[{tags}]')[:60_000].encode())
    write(hostile, "comment", Comment(record=own_record, text=SCRIPT))
    return hostile


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_hostile_text_is_harmless_where_people_come_back(
    tmp_path: Path, language: str
) -> None:
    """Scripts, turned text, huge words and 10,000 tags: the page of news, the page of what one
    follows, all feeds and both forms of a letter are sound and show them as text.
    """
    with mail_server() as server:
        async with open_site(tmp_path, **server.flags()) as site:
            own = await site.publish(title="Exempel: egen")
            await site.get(f"/om?sprak={language}")
            await subscribe(site, server)
            for sent in (
                {"slag": "municipality", "mal": "1497"},
                {"slag": "search", "mal": '{"text":"<script>alert(2)</script>"}'},
            ):
                assert (await site.post("/foljer", sent)).status == 303
            await site.receive(a_hostile_log(own))
            for path in ("/nytt", "/foljer", "/kommuner/1497-hjo"):
                page = await site.get(path)
                assert_sound(page, language)
                assert "<script>alert" not in page.text
            for path in ("/erfarenheter", "/kommuner/1497", f"/erfarenheter/{own}"):
                feed = await site.get(f"{path}/flode.atom")
                assert_valid(feed.text.encode())
                assert "<script" not in feed.text
                assert "\u202e" not in feed.text
                assert feedparser.parse(feed.text, sanitize_html=False).entries
            assert await site.served.node.digests.send_due(tomorrow()) == 1
            (letter,) = server.letters
            page_of_letter = Page(html_of(letter))

            assert page_of_letter.inline == []
            assert {"script", "img", "b"}.isdisjoint(page_of_letter.tags)
            own_site = "https://tidan.exempel.se/"
            assert all(link.startswith(own_site) for link in page_of_letter.links)
            assert letter["Content-Language"] == language
            assert SCRIPT in text_of(letter)
            assert PLACES in text_of(letter)
            assert not {"\u202e", "\u200e"} & set(html_of(letter) + text_of(letter))
            assert max(map(len, letter.as_bytes().splitlines())) <= 998
            assert "page failed" not in site.served.log_lines.getvalue()
