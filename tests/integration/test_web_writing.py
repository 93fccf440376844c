"""Writing on a real node: what is signed, when, by whose word, and how it is taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factories import LogMaker
from protocol.content import Comment
from web_site import CONFIRMED, FORM, Page, Site, assert_sound, open_site, with_hjo, write


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


async def test_nothing_is_signed_before_publishing(site: Site) -> None:
    """Writing, checking and going back sign nothing; publishing signs one entry."""
    before = await site.own_sequence()
    preview = await site.post("/skriv", FORM | {"steg": "granska"})
    back = await site.post("/skriv", FORM | {"steg": "skriv"})

    assert "Granska innan ni publicerar" in preview.text
    assert_sound(preview)
    assert_sound(back)
    assert await site.own_sequence() == before

    done = await site.post("/skriv", [*FORM.items(), *CONFIRMED, ("steg", "publicera")])
    assert done.status == 303
    assert await site.own_sequence() == before + 1
    assert "Erfarenheten är publicerad" in (await site.get(done.location)).text


async def test_a_form_sent_twice_publishes_once(site: Site) -> None:
    """A double click or a reload does not make two records."""
    token = re.search(r'name="formular" value="(\w+)"', (await site.get("/skriv")).text)
    assert token
    sent = [*FORM.items(), *CONFIRMED, ("steg", "publicera"), ("formular", token.group(1))]
    before = await site.own_sequence()

    first, second = await site.post("/skriv", sent), await site.post("/skriv", sent)
    assert first.location == second.location
    assert await site.own_sequence() == before + 1


async def test_errors_keep_what_was_written(site: Site) -> None:
    """Errors stand on top with links to their fields, and no typed word is lost."""
    typed = FORM | {"title": "", "cost_one_off": "tolv", "started": "i våras", "link_0_url": "x"}
    answer = await site.post("/skriv", typed)

    assert answer.status == 422
    assert answer.title.startswith("Fel: ")
    assert_sound(answer)
    ids = Page(answer.text).ids
    errors = answer.text[answer.text.index("summary-of-errors") :]
    linked = re.findall(r'href="#([^"]+)"', errors[: errors.index("</ul>")])
    assert linked == ["title", "cost_one_off", "started", "link_0_url"]
    assert set(linked) <= set(ids)
    for text in ("tolv", "i våras", FORM["summary"]):
        assert text in answer.text


async def test_a_refusal_keeps_what_was_written(site: Site) -> None:
    """While nothing may be signed, the text stays in the form and the page says why."""
    foreign = await with_hjo(site)
    site.served.node.recovery.block("exempel")
    assert "inte att publicera" in (await site.get("/skriv")).text

    answer = await site.post("/skriv", [*FORM.items(), *CONFIRMED, ("steg", "publicera")])
    assert answer.status == 422
    assert "hämtas just nu tillbaka" in answer.text
    assert FORM["summary"] in answer.text
    comment = {"text": "Exempel: hur gick det?", "kind": "question"}
    refused = await site.post(f"/erfarenheter/{foreign}/kommentarer", comment)
    assert refused.status == 422
    assert comment["text"] in refused.text


async def test_personal_data_needs_a_second_look(site: Site) -> None:
    """A personal number in a text is pointed out, and publishing waits for a person's word."""
    typed = FORM | {"situation": "Hon (811218-9876) ringde."}
    preview = await site.post("/skriv", typed)
    assert "liknar personuppgifter" in preview.text
    assert "811218-9876" not in preview.text[preview.text.index("liknar personuppgifter") :][:400]

    refused = await site.post("/skriv", [*typed.items(), *CONFIRMED, ("steg", "publicera")])
    assert refused.status == 422
    confirmed = [*typed.items(), *CONFIRMED, ("intygar", "uppgifter"), ("steg", "publicera")]
    assert (await site.post("/skriv", confirmed)).status == 303


async def test_an_edit_keeps_history_and_what_the_form_does_not_ask(site: Site) -> None:
    """A new version replaces the text, keeps the old one readable, its source and its mark."""
    record = await site.publish(title="Exempel: först", source={"name": "NOSAD"}, example=True)
    page = (await site.get(f"/erfarenheter/{record}/andra")).text
    assert 'name="source_name" value="NOSAD"' in page
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    typed = FORM | {"title": "Exempel: sedan", "version": version.group(1), "steg": "publicera"}
    typed |= {"source_name": "NOSAD"}

    done = await site.post(f"/erfarenheter/{record}/andra", [*typed.items(), *CONFIRMED])
    assert done.status == 303
    shown = (await site.get(done.location)).text
    assert "Exempel: sedan" in shown
    assert "NOSAD" in shown
    assert 'class="tag example"' in shown
    old = await site.get(f"/erfarenheter/{record}/exempel-sedan?version={record}")
    assert "Det här är en tidigare version" in old.text
    assert "<h1>Exempel: först</h1>" in old.text

    late = await site.post(f"/erfarenheter/{record}/andra", [*typed.items(), *CONFIRMED])
    assert late.status == 422
    assert "Någon har publicerat en ändring" in late.text


async def test_withdrawing_needs_a_reason_and_shows_it(site: Site) -> None:
    """A withdrawn record leaves the lists and says why."""
    record = await site.publish(title="Exempel: fel siffror")
    assert (await site.post(f"/erfarenheter/{record}/aterkalla", {})).status == 422

    done = await site.post(f"/erfarenheter/{record}/aterkalla", {"reason": "Siffrorna var fel."})
    assert "Siffrorna var fel." in (await site.get(done.location)).text
    assert "Exempel: fel siffror" not in (await site.get("/erfarenheter")).text
    assert (await site.get(f"/erfarenheter/{record}/andra")).status == 404


async def test_only_the_own_record_can_be_changed(site: Site) -> None:
    """Another municipality's record has no edit page, and the own one no "vi använder också"."""
    foreign, own = await with_hjo(site), await site.publish()

    assert (await site.get(f"/erfarenheter/{foreign}/andra")).status == 404
    assert (await site.post(f"/erfarenheter/{foreign}/aterkalla", {"reason": "x"})).status == 404
    assert (await site.post(f"/erfarenheter/{own}/anvander")).status == 404


async def test_responses_are_signed_and_can_be_taken_back(site: Site) -> None:
    """Use, interest and comments show at once with the own name, and can be undone."""
    record = await with_hjo(site)
    base = f"/erfarenheter/{record}"
    page = (await site.get(base)).location

    await site.post(f"{base}/anvander", {"since_year": "2024", "contact_role": "IT-enheten"})
    await site.post(f"{base}/intresse/samverka")
    shown = (await site.get(page)).text
    assert "Använder också: 1" in shown
    assert "sedan 2024" in shown
    assert "Vill samverka: 1" in shown
    await site.post(f"{base}/anvander/angra")
    await site.post(f"{base}/intresse/samverka/angra")
    shown = (await site.get(page)).text
    assert "Använder också: 0" in shown
    assert "Vill samverka: 0" in shown

    empty = await site.post(f"{base}/kommentarer", {"kind": "question", "text": " "})
    assert empty.status == 422
    asked = await site.post(f"{base}/kommentarer", {"kind": "question", "text": "Hur gick det?"})
    assert "Hur gick det?" in (await site.get(page)).text
    comment = asked.location.partition("#k-")[2]
    await site.post(f"{base}/kommentarer/{comment}/angra")
    assert "Hur gick det?" not in (await site.get(page)).text


async def test_who_asked_may_mark_the_answer_that_helped(site: Site) -> None:
    """Only answers to our own question can be marked, and the mark shows."""
    question = await site.publish(type="fraga", title="Exempel: hur gör ni?")
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    answer = write(hjo, "comment", Comment(record=question, kind="answer", text="Så här."))
    await site.receive(hjo)
    path = f"/erfarenheter/{question}/kommentarer/{answer}/hjalpte"

    done = await site.post(path)
    assert done.status == 303
    assert "Svaret hjälpte" in (await site.get(done.location.partition("?")[0])).text
    assert (await site.post(path)).status == 404
