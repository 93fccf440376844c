"""Suggested neighbours and distances on the pages and at the command line of a real node."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from command_line import run
from factories import LogMaker
from node.cli.suggestions import NO_WAY, NONE, REASONS, STEPS, WAITING
from node.municipal.suggested_neighbours import Why
from node.operations.known_network import SuggestedNeighbour
from node.web import suggestion_words
from node.web.language import languages
from protocol.content import Introduction
from storage.account_views import Role
from web_site import Site, assert_sound, open_site, write

HJO = LogMaker(2, code="1497", name="Hjo kommun")
SKOVDE = LogMaker(4, code="1496", name="Skövde kommun")
write(
    HJO,
    "introduction",
    Introduction(
        log=SKOVDE.log.hex(), code="1496", name="Skövde kommun", url="https://tidan.skovde.se"
    ),
)
ENGLISH = languages()["en"]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Tidaholm with the neighbour Hjo, who has introduced Skövde."""
    async with open_site(tmp_path) as opened:
        await opened.receive(HJO)
        await opened.served.node.operations.add_neighbour(HJO.log.hex())
        await opened.served.node.introductions.review()
        yield opened


def suggestions_of(text: str) -> str:
    """The words of the section, without its tags."""
    section = text[text.index('id="forslag"') :].partition("</section>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", section)).split())


async def test_the_page_says_whom_why_how_far_and_how(site: Site) -> None:
    """Skövde shares a border, is two steps away and waits; the command to add it stands there."""
    text = suggestions_of((await site.get("/grannar")).text)

    assert "Skövde Ni delar gräns. I dag 2 steg bort. Väntar på ert beslut" in text
    assert f"tidan peer add https://tidan.skovde.se --log {SKOVDE.log.hex()}" in text
    assert "Hjo" not in text


async def test_a_reader_sees_the_suggestions_but_no_commands(site: Site) -> None:
    """Everybody may know whom it would be good to know; adding is for those who decide."""
    reader = await site.signed_in(Role.READER)

    text = suggestions_of((await reader.get("/grannar")).text)

    assert "Skövde" in text
    assert "tidan peer add" not in text


async def test_a_suggestion_is_gone_when_it_was_followed(site: Site) -> None:
    """Whoever has become a neighbour is suggested no more, and is one step away."""
    await site.served.node.operations.add_neighbour(SKOVDE.log.hex())

    text = suggestions_of((await site.get("/grannar")).text)

    assert "Inga just nu" in text
    assert [item.steps for item in await site.served.node.operations.distances()] == [1, 1]


async def test_a_name_from_elsewhere_is_shown_as_text(site: Site) -> None:
    """A made-up kommunkod is never suggested, and its name runs no script among the distances."""
    hostile = LogMaker(7, code="9999", name="<script>alert(1)</script>")
    await site.receive(hostile)

    answer = await site.get("/grannar/avstand")

    assert "&lt;script&gt;alert(1)" in answer.text
    assert_sound(answer)
    assert "script" not in suggestions_of((await site.get("/grannar")).text)


async def test_the_distances_are_a_table_of_steps(site: Site) -> None:
    """The nearest come first, with the neighbour that they come through; unknown ways say so."""
    await site.receive(LogMaker(5, code="1499", name="Falköpings kommun"))

    answer = await site.get("/grannar/avstand")

    assert_sound(answer)
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", re.sub(r"\s*\n\s*", "", answer.text))
    cells = [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell))
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in rows
    ]
    assert cells == [
        ["Hjo", "1", "er granne"],
        ["Skövde", "2", "Hjo"],
        ["Falköping", "okänt", "–"],
    ]
    assert "Längst bort i dag: 2 steg. Till 1 kommun är ingen väg känd." in " ".join(
        html.unescape(answer.text).replace("\u00a0", " ").split()
    )


async def test_the_public_does_not_see_who_is_whose_neighbour(site: Site) -> None:
    """Distances are for those who work here."""
    assert (await site.signed_out().get("/grannar/avstand")).status == 303


async def test_the_command_says_the_same(site: Site) -> None:
    """`tidan peer suggest` names Skövde, why and how far, and what to type; as a document, too."""
    folder = site.served.folder

    shown = await asyncio.to_thread(run, "--data", folder, "peer", "suggest")
    as_document = await asyncio.to_thread(run, "--data", folder, "--json", "peer", "suggest")

    assert shown.exit_code == 0, shown.output
    words = "You share a border. Today 2 steps away. Waits for your decision."
    assert f"Skövde  {words}" in shown.stdout
    assert f"  tidan peer add https://tidan.skovde.se --log {SKOVDE.log.hex()}" in shown.stdout
    (found,) = json.loads(as_document.stdout)
    assert (found["code"], found["why"], found["steps"]) == ("1496", "border", 2)


async def test_with_nobody_to_suggest_the_command_says_so(tmp_path: Path) -> None:
    """A new node knows nobody."""
    async with open_site(tmp_path) as new:
        shown = await asyncio.to_thread(run, "--data", new.served.folder, "peer", "suggest")
        page = await new.get("/grannar/avstand")

        assert shown.stdout.strip() == NONE
        assert "Ni känner inte till någon annan kommun än." in page.text


@pytest.mark.parametrize("why", list(Why))
def test_the_page_in_english_has_the_words_of_the_command(why: Why) -> None:
    """What an operator reads at the terminal is what a colleague reads on the page."""
    known = SuggestedNeighbour("ab", "ab", "1496", "Skövde", why.value, 3, "member", None)
    unknown = replace(known, steps=None)
    steps = [ENGLISH.translated(suggestion_words.steps_words(one)) for one in (known, unknown)]

    assert ENGLISH.translated(suggestion_words.reason_words(known)) == REASONS[why]
    assert steps == [STEPS % {"steps": 3}, NO_WAY]
    assert ENGLISH.translated(suggestion_words.WAITING) == WAITING
