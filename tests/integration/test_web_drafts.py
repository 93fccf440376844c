"""Drafts on a node, without scripts: kept at each step, seen by whom they concern, never lost."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.account_views import Role
from web_site import CONFIRMED, FORM, Answer, Site, assert_sound, open_site

TEXT = "Exempel: halvskrivet om fiber"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, as an author sees it."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.AUTHOR, "anna")


def carried(answer: Answer) -> dict[str, str]:
    """The hidden fields of a page with a form: token, draft, and what was typed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


async def kept(site: Site, **typed: str) -> str:
    """Save a draft with the button; returns the address where it can be gone on with."""
    hidden = carried(await site.get("/skriv"))
    done = await site.post("/skriv", hidden | {"title": TEXT, "steg": "spara"} | typed)
    assert done.status == 303
    return done.location.partition("?")[0]


async def test_a_draft_is_saved_listed_and_gone_on_with(site: Site) -> None:
    """Saved with a button, found in the list, opened as it was; nothing of it is an entry."""
    before = await site.own_sequence()
    address = await kept(
        site, summary="Rad ett\r\n\r\nRad två", area="aldre", product_0_name="Exempel"
    )
    listed, opened = await site.get("/utkast"), await site.get(address + "?klart=utkast")

    assert TEXT in listed.text
    assert f'href="{address}"' in listed.text
    for text in ("Rad ett\n\nRad två", 'value="aldre" selected', 'value="Exempel"', "Sparat kl."):
        assert text in opened.text
    assert_sound(listed)
    assert_sound(opened)
    assert await site.own_sequence() == before
    assert await site.served.node.audit.done_by("anna", [TEXT]) == set()


async def test_the_start_page_leads_on_to_the_own_drafts(site: Site) -> None:
    """Whoever has begun something finds it first; nobody else sees that it is there."""
    anna, eva = await site.signed_in(Role.AUTHOR, "anna"), await site.signed_in(Role.AUTHOR, "eva")
    draft = "a" * 32
    await anna.post(f"/utkast/{draft}", FORM)
    start = await anna.get("/")

    assert_sound(start)
    assert f'<a href="/utkast/{draft}">{FORM["title"]}</a>' in start.text
    assert "Mina utkast" not in (await eva.get("/")).text
    assert "Mina utkast" not in (await site.signed_out().get("/")).text


async def test_an_empty_form_makes_no_draft(site: Site) -> None:
    """Looking at the form, saving it empty and checking it empty keep nothing."""
    for step in ("spara", "granska", "fler-link"):
        answer = await site.post("/skriv", carried(await site.get("/skriv")) | {"steg": step})
        assert answer.status in (200, 422)
    assert "Du har inga utkast" in (await site.get("/utkast")).text


async def test_each_step_keeps_the_draft_until_it_is_published(site: Site) -> None:
    """Checking saves too, with mistakes as well; what is published is no draft any more."""
    hidden = carried(await site.get("/skriv"))
    wrong = await site.post("/skriv", hidden | FORM | {"area": "", "steg": "granska"})
    assert wrong.status == 422
    assert FORM["title"] in (await site.get("/utkast")).text

    preview = await site.post("/skriv", carried(wrong) | FORM | {"steg": "granska"})
    assert "Sparat kl." in preview.text
    assert_sound(preview)
    done = await site.post("/skriv", [*carried(preview).items(), *CONFIRMED, ("steg", "publicera")])
    assert done.location.startswith("/skriv/klart/")
    assert "Du har inga utkast" in (await site.get("/utkast")).text


async def test_one_draft_becomes_one_record_from_any_window(site: Site) -> None:
    """Published in one window, it is not published again from another; the text stays there."""
    first = await site.post("/skriv", carried(await site.get("/skriv")) | FORM)
    second = await site.post("/skriv", carried(first) | {"formular": "f" * 32})
    before = await site.own_sequence()
    sent = [*carried(first).items(), *CONFIRMED, ("steg", "publicera")]
    assert (await site.post("/skriv", sent)).status == 303
    assert (await site.post("/skriv", sent)).status == 303
    late = await site.post("/skriv", [*carried(second).items(), *CONFIRMED, ("steg", "publicera")])

    assert late.status == 422
    assert "redan publicerats eller kastats" in late.text
    assert FORM["summary"] in late.text
    assert await site.own_sequence() == before + 1
    again = [*carried(late).items(), *CONFIRMED, ("steg", "publicera")]
    assert (await site.post("/skriv", again)).status == 303
    assert await site.own_sequence() == before + 2


async def test_a_refused_publishing_keeps_the_draft(site: Site) -> None:
    """While nothing may be signed, the text is still a draft."""
    site.served.node.recovery.block("exempel")
    preview = await site.post("/skriv", carried(await site.get("/skriv")) | FORM)
    refused = await site.post(
        "/skriv", [*carried(preview).items(), *CONFIRMED, ("steg", "publicera")]
    )

    assert refused.status == 422
    assert FORM["title"] in (await site.get("/utkast")).text


async def test_an_author_sees_the_own_drafts_and_an_editor_all(site: Site) -> None:
    """A colleague's draft does not exist for another author, however it is asked for."""
    address = await kept(site)
    editor = await site.signed_in(Role.EDITOR, "eva")
    author = await site.signed_in(Role.AUTHOR, "bo")

    assert "Kollegors utkast" in (await editor.get("/utkast")).text
    assert (await editor.get(address)).status == 200
    assert TEXT not in (await author.get("/utkast")).text
    assert (await author.get(address)).status == 404
    assert (await author.post(address, {"title": "Övertaget"})).status == 409
    await author.post(f"{address}/kasta")
    await author.post(f"{address}/valj", {"title": "Övertaget", "val": "egen"})
    assert TEXT in (await site.get(address)).text
    assert (await site.signed_out().get(address)).status == 303


async def test_throwing_away_deletes_for_good(site: Site) -> None:
    """What was thrown away is gone, and what a window still holds becomes a new draft."""
    address = await kept(site)
    opened = carried(await site.get(address))
    assert (await site.post(f"{address}/kasta")).status == 303
    assert (await site.get(address)).status == 404
    assert "Du har inga utkast" in (await site.get("/utkast")).text

    late = await site.post(address, opened | {"title": "Mer"})
    assert (late.status, json.loads(late.text)["what"]) == (409, "gone")
    anew = await site.post("/skriv", opened | {"title": "Mer", "steg": "spara"})
    assert address not in anew.location
    assert "Texten är sparad som ett nytt utkast" in (await site.get(anew.location)).text


async def test_the_module_is_answered_with_count_and_time(site: Site) -> None:
    """Saving while somebody writes tells the count to go on from, and when it was saved."""
    hidden = carried(await site.get("/skriv"))
    address = f"/utkast/{hidden['utkast']}"
    first = await site.post(address, hidden | {"title": TEXT})
    again = await site.post(address, hidden | {"title": TEXT})
    other = await site.post(address, hidden | {"title": TEXT + "!"})

    assert json.loads(first.text)["version"] == json.loads(again.text)["version"] == 1
    assert re.fullmatch(r"Sparat kl\.\xa0\d\d\.\d\d\.", json.loads(first.text)["words"])
    assert (other.status, json.loads(other.text)["what"]) == (409, "changed")
    assert "i ett annat fönster" in other.text or "fönster" in json.loads(other.text)["words"]


@pytest.mark.parametrize("choice", ["egen", "sparad"])
@pytest.mark.parametrize("step", ["spara", "granska", "publicera"])
async def test_two_who_save_see_both_texts_and_lose_none(
    site: Site, step: str, choice: str
) -> None:
    """The second is told who saved, sees both, chooses; the other text is a draft of its own."""
    address = await kept(site, **FORM)
    editor = await site.signed_in(Role.EDITOR, "eva")
    hers = carried(await editor.get(address)) | FORM | {"title": "Exempel: Evas", "steg": "spara"}
    own = carried(await site.get(address)) | FORM | {"title": "Exempel: Annas"}
    assert (await editor.post("/skriv", hers)).status == 303
    before = await site.own_sequence()
    met = await site.post("/skriv", [*own.items(), *CONFIRMED, ("steg", step)])

    assert met.status == 409
    assert_sound(met)
    for text in ("Eva har sparat en annan text", "Exempel: Evas", "Exempel: Annas"):
        assert text in met.text
    chosen = carried(met) | {"val": choice}
    for _ in range(2):
        assert (await site.post(f"{address}/valj", chosen)).status == 303
    texts = [(await editor.get("/utkast")).text, (await site.get("/utkast")).text]
    going_on = (await site.get(address)).text
    assert ("Exempel: Annas" in going_on, "Exempel: Evas" in going_on) == (
        choice == "egen", choice == "sparad",
    )  # fmt: skip
    assert "Exempel: Annas" in texts[0] + texts[1]
    assert "Exempel: Evas" in texts[0]
    assert (await editor.get("/utkast")).text.count("Undanlagt när") == 1
    assert await site.own_sequence() == before


async def test_a_change_in_the_making_is_told_to_who_begins_another(site: Site) -> None:
    """A draft of a change goes on as a change, and others who open the record hear of it."""
    editor = await site.signed_in(Role.EDITOR, "eva")
    record = await editor.publish(title="Exempel: publicerad")
    page = await editor.get(f"/erfarenheter/{record}/andra")
    sent = carried(page) | FORM | {"title": "Exempel: ändrad", "steg": "spara"}
    address = (await editor.post(f"/erfarenheter/{record}/andra", sent)).location.partition("?")[0]
    other = await site.signed_in(Role.EDITOR, "frida")

    assert (
        "Eva skriver också på en ändring" in (await other.get(f"/erfarenheter/{record}/andra")).text
    )
    opened = await editor.get(address)
    assert f'action="/erfarenheter/{record}/andra"' in opened.text
    assert_sound(opened)
    preview = await editor.post(f"/erfarenheter/{record}/andra", carried(opened) | FORM)
    done = await editor.post(
        f"/erfarenheter/{record}/andra",
        [*carried(preview).items(), *CONFIRMED, ("steg", "publicera")],
    )
    assert done.location.endswith("klart=andrad")
    assert "Du har inga utkast" in (await editor.get("/utkast")).text


async def test_who_wrote_may_change_what_an_editor_published(site: Site) -> None:
    """An editor who publishes a colleague's draft takes no right from whoever wrote it."""
    address = await kept(site, **FORM)
    editor = await site.signed_in(Role.EDITOR, "eva")
    preview = await editor.post("/skriv", carried(await editor.get(address)) | FORM)
    done = await editor.post(
        "/skriv", [*carried(preview).items(), *CONFIRMED, ("steg", "publicera")]
    )
    record = done.location.rpartition("/")[2]
    other = await site.signed_in(Role.AUTHOR, "bo")

    assert (await site.get(f"/erfarenheter/{record}/andra")).status == 200
    assert (await other.get(f"/erfarenheter/{record}/andra")).status == 403
    operator = await site.signed_in(Role.OPERATOR)
    assert "skrev erfarenhet" in (await operator.get("/anvandare/handelser")).text


async def test_a_change_outlives_its_record(site: Site) -> None:
    """When the record is withdrawn meanwhile, the text can still be read and used."""
    editor = await site.signed_in(Role.EDITOR, "eva")
    record = await editor.publish(title="Exempel: publicerad")
    page = await editor.get(f"/erfarenheter/{record}/andra")
    sent = carried(page) | FORM | {"title": "Exempel: ändrad", "steg": "spara"}
    address = (await editor.post(f"/erfarenheter/{record}/andra", sent)).location
    await editor.post(f"/erfarenheter/{record}/aterkalla", {"reason": "Exempel: fel."})
    opened = await editor.get(address)

    assert "blir texten en ny erfarenhet" in opened.text
    assert 'action="/skriv"' in opened.text
    assert "Exempel: ändrad" in opened.text


async def test_similar_records_are_shown_before_publishing(site: Site) -> None:
    """The module and the preview show what is there already, but not the record itself."""
    record = await site.publish(title="Exempel: trygghetslarm i ordinärt boende")
    await site.publish(title="Exempel: <b>trygghetslarm</b> i byarna", visibility="federation")
    asked = {"title": "Nya trygghetslarm i boendet"}
    fragment = await site.post("/skriv/liknande", asked)
    without = await site.post("/skriv/liknande", asked | {"erfarenhet": record})

    assert fragment.text.count("<li>") == 2
    assert "&lt;b&gt;" in fragment.text
    assert without.text.count("<li>") == 1
    assert (await site.post("/skriv/liknande", {"title": "Fiber"})).text == ""
    assert (await site.signed_out().post("/skriv/liknande", asked)).status == 403
    preview = await site.post("/skriv", carried(await site.get("/skriv")) | FORM)
    assert "Liknande erfarenheter som redan finns" in preview.text
    assert_sound(preview)


async def test_a_field_is_previewed_as_it_will_be_read(site: Site) -> None:
    """The fragment is made by what renders records, so nothing in a text runs."""
    text = "**Fet** <script>alert(1)</script>\n\n- ett\n- två\n\n[länk](javascript:alert(1))"
    shown = (await site.post("/skriv/forhandsvisning", {"text": text})).text

    assert "<strong>Fet</strong>" in shown
    assert shown.count("<li>") == 2
    assert "<script" not in shown
    assert "href" not in shown
    assert (await site.signed_out().post("/skriv/forhandsvisning", {"text": text})).status == 403


async def test_hostile_fields_of_a_draft_are_taken_as_text_or_not_at_all(site: Site) -> None:
    """Made-up ids, counts and windows never make a fault, and markup is shown as text."""
    for utkast, version, window in (
        ("../../etc", "-1", "<b>"), ("AB" * 16, "9" * 40, "z"), ("ab" * 16, "1e9", "\0" * 9),
    ):  # fmt: skip
        typed = {"title": "<script>alert(1)</script>", "utkast": utkast, "steg": "spara"}
        done = await site.post("/skriv", typed | {"utkast_version": version, "fonster": window})
        assert done.status == 303
    listed = await site.get("/utkast")
    assert "<script>alert" not in listed.text
    assert_sound(listed)
