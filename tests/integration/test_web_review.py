"""A second person's review: nobody publishes what they wrote, where a node asks for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.account_views import Role
from web_site import CONFIRMED, FORM, Answer, Site, assert_sound, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node that asks for a second person, as an author sees it."""
    async with open_site(tmp_path, review_required=True) as opened:
        yield await opened.signed_in(Role.AUTHOR, "anna")


def carried(answer: Answer) -> dict[str, str]:
    """The hidden fields of a page with a form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


async def step(site: Site, page: Answer, name: str, **typed: str) -> Answer:
    """Press a button of the form that a page holds, with the list gone through."""
    fields = carried(page) | typed
    return await site.post("/skriv", [*fields.items(), *CONFIRMED, ("steg", name)])


async def handed_in(site: Site) -> str:
    """Write a text and hand it in; returns the draft's address."""
    preview = await step(site, await site.get("/skriv"), "granska", **FORM)
    assert 'value="publicera"' not in preview.text
    assert_sound(preview)
    done = await step(site, preview, "lamna")
    assert done.location == "/utkast?klart=lamnat"
    return f"/utkast/{carried(preview)['utkast']}"


async def test_a_second_person_publishes(site: Site) -> None:
    """Handed in by its author, published by an editor; both stand in the trail."""
    address = await handed_in(site)
    editor = await site.signed_in(Role.EDITOR, "eva")
    before = await site.own_sequence()
    assert "Att granska" in (await editor.get("/utkast")).text
    opened = await editor.get(address)
    assert "har lämnat texten till granskning" in opened.text
    preview = await step(editor, opened, "granska", **FORM)
    assert_sound(preview)
    done = await step(editor, preview, "publicera")

    assert done.location.startswith("/skriv/klart/")
    assert await site.own_sequence() == before + 1
    assert "Du har inga utkast" in (await site.get("/utkast")).text
    trail = (await (await site.signed_in(Role.OPERATOR)).get("/anvandare/handelser")).text
    for words in ("lämnade till granskning", "publicerade erfarenhet", "skrev erfarenhet"):
        assert words in trail


@pytest.mark.parametrize("role", list(Role)[1:])
async def test_nobody_publishes_the_own_text(site: Site, role: Role) -> None:
    """Whatever the role, and whether or not it was handed in, the own text needs somebody else."""
    writer = await site.signed_in(role, "vera")
    before = await site.own_sequence()
    for page in (await writer.get("/skriv"), await writer.get(await handed_in(writer))):
        refused = await step(writer, page, "publicera", **FORM)
        assert refused.status == 422
        assert "behöver läsa den först" in refused.text
    bare = await writer.post("/skriv", [*FORM.items(), *CONFIRMED, ("steg", "publicera")])
    assert bare.status == 422
    assert await site.own_sequence() == before


async def test_what_is_changed_is_handed_in_again(site: Site) -> None:
    """An editor publishes no text that its author has changed since it was handed in."""
    address = await handed_in(site)
    await site.post("/skriv", carried(await site.get(address)) | FORM | {"title": "Ändrad"})
    editor = await site.signed_in(Role.EDITOR, "eva")
    before = await site.own_sequence()
    typed = FORM | {"title": "Ändrad"}
    refused = await step(editor, await editor.get(address), "publicera", **typed)

    assert refused.status == 422
    assert "inte lämnad till granskning" in refused.text
    assert await site.own_sequence() == before


async def test_an_editor_sends_back_with_words(site: Site) -> None:
    """What is missing is told to the author alone, needs words, and the text can come again."""
    address = await handed_in(site)
    editor = await site.signed_in(Role.EDITOR, "eva")
    form = await editor.get(f"{address}/tillbaka")
    empty = await editor.post(f"{address}/tillbaka", {"ord": " "})
    assert_sound(form)
    assert_sound(empty)
    assert empty.status == 422
    words = "Skriv vad <b>utbildningen</b> kostade."
    assert (await editor.post(f"{address}/tillbaka", {"ord": words})).status == 303
    opened = await site.get(address)

    assert "Tillbakaskickad från granskning" in opened.text
    assert "&lt;b&gt;utbildningen" in opened.text
    assert (await editor.get(f"{address}/tillbaka")).status == 404
    assert (await step(site, opened, "lamna", **FORM)).status == 303
    assert "Tillbakaskickad" not in (await site.get(address)).text
    assert (await site.get(f"{address}/tillbaka")).status == 403


async def test_what_waits_is_on_the_start_page(site: Site) -> None:
    """An editor who wrote nothing finds it there; its author, and who may not publish, do not."""
    address = await handed_in(site)
    pages = {
        name: (await (await site.signed_in(role, name)).get("/")).text
        for name, role in (("eva", Role.EDITOR), ("anna", Role.AUTHOR), ("bo", Role.AUTHOR))
    }

    assert {name for name, text in pages.items() if 'id="att-granska"' in text} == {"eva"}
    assert address in pages["eva"]
    assert "lämnat till granskning" in pages["anna"]
    assert address not in pages["bo"]
