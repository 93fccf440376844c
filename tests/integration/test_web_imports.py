"""Imports on the pages, without scripts: brought, looked through, made drafts, never doubled."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.account_views import Role
from storage.draft_store import DRAFTS_OF_ONE_USER_MAX
from storage.import_store import IMPORT_KEPT_MS, IMPORTS_OF_ONE_USER_MAX
from web_site import CONFIRMED, FORM, Answer, Site, assert_sound, open_site, with_hjo

TABLE = """Rubrik;Beskrivning;Område;Fas;Kostnad;Handläggare
"Exempel: larm";Vi bytte larm.;Hemtjänst;klar;185 000,50;Anna Andersson
"Exempel: kartor";Vi bytte kartor.;Bibliotek;pågår;;Bo
"Exempel: fel";Vi räknade.;Bibliotek;pågår;1,500;Bo
;Utan titel;Bibliotek;pågår;;Bo
"""
MARKDOWN = "# Exempel: e-arkiv\n\nVi flyttade arkivet till en ny plats, och det tog ett halvår.\n"
PUBLICCODE = """publiccodeYmlVersion: "0.5"
name: Exempelkartan
url: https://exempel.se/kod/kartan
developmentStatus: stable
usedBy: [Hjo kommun, Tidaholms kommun, Exempelbolaget]
description: {sv: {shortDescription: Visar kartor}}
legal: {license: EUPL-1.2}
"""


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, as an editor sees it."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.EDITOR, "eva")


async def bring(site: Site, *files: tuple[str, bytes | str]) -> str:
    """Choose files; returns the address of the import's page."""
    data = [(name, text if isinstance(text, bytes) else text.encode()) for name, text in files]
    answer = await site.upload("/importera", {}, *data)
    assert answer.status == 303, words(answer)
    return answer.location


def words(answer: Answer) -> str:
    """A page's text as it is read."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def ticked(answer: Answer) -> list[tuple[str, str]]:
    """What the page's boxes send as they stand."""
    found = re.findall(r'name="ta-med" value="(\w+)"( checked)?', answer.text)
    return [("ta-med", value) for value, checked in found if checked]


def mapping(answer: Answer) -> list[tuple[str, str]]:
    """What the page's choices of columns send as they stand."""
    found = re.findall(r'<select[^>]*name="([\w-]+)">(.*?)</select>', answer.text, re.DOTALL)
    chosen = [(name, re.search(r'value="([^"]*)" selected', options)) for name, options in found]
    return [(name, value.group(1) if value else "") for name, value in chosen]


async def make(site: Site, address: str, page: Answer, *more: tuple[str, str]) -> Answer:
    """Press the button that makes drafts."""
    sent = [("steg", "utkast"), *mapping(page), *(more or ticked(page))]
    return await site.post(address, sent)


async def titles(site: Site) -> list[str]:
    """Titles of all drafts on the node."""
    return sorted(row.title for row in await site.served.node.draft_store.newest(999))


async def test_a_table_becomes_drafts(site: Site) -> None:
    """Columns are shown with what they become; good rows become drafts, bad ones say what to do."""
    before = await site.own_sequence()
    address = await bring(site, ("projekt.csv", TABLE.encode("cp1252")))
    page = await site.get(address)
    done = await make(site, address, page)
    after = await site.get(done.location)

    assert_sound(page)
    assert dict(mapping(page)) | {"kolumn-6": ""} == dict(mapping(page))
    assert dict(mapping(page))["kolumn-4"] == "status"
    assert dict(mapping(page))["kodning"] == "Windows-1252"
    assert "Rad 4: 1,500 går att läsa på två sätt" in words(page)
    assert "Rad 5: Raden har ingen titel" in words(page)
    assert "185 000,50 är avrundat till 185001." in words(page)
    assert "Väljs i utkastet: Kontakt, Slag" in words(page)
    assert await titles(site) == ["Exempel: kartor", "Exempel: larm"]
    assert "Utkasten är gjorda." in words(after)
    assert ticked(after) == []
    assert await site.own_sequence() == before


async def test_a_draft_holds_what_the_row_said(site: Site) -> None:
    """The draft opens in the form with the row's texts; what was assumed is left to choose."""
    address = await bring(site, ("projekt.csv", TABLE))
    await make(site, address, await site.get(address))
    drafts = await site.served.node.draft_store.newest(9)
    (draft,) = [row for row in drafts if row.title == "Exempel: larm"]
    form = (await site.get(f"/utkast/{draft.draft_id.hex()}")).text

    assert 'value="185\xa0001"' in form
    assert 'value="aldre.hemtjanst" selected' in form
    assert 'id="status-avslutat" name="status" value="avslutat" checked' in form
    assert "Vi bytte larm." in form
    assert not re.search(r'name="type" value="\w+" checked', form)
    assert "Andersson" not in form


async def test_columns_are_changed_before_anything_is_made(site: Site) -> None:
    """Another choice of columns shows the rows anew, and no draft is made of what was not seen."""
    address = await bring(site, ("p.csv", "Vad;Hur\nExempel: a;Text a\nExempel: b;Text b\n"))
    first = await site.get(address)
    assert "Ingen kolumn är titel." in words(first)
    chosen = [("kolumn-1", "title"), ("kolumn-2", "situation"), ("alla-area", "skola")]
    early = await site.post(address, [("steg", "utkast"), *chosen, ("ta-med", "0" * 64)])
    assert early.status == 422
    assert "Kolumnerna är ändrade." in words(early)
    shown = await site.get(address)
    await make(site, address, shown, *ticked(shown), ("alla-area", "skola"))

    assert await titles(site) == ["Exempel: a", "Exempel: b"]


async def test_a_file_is_read_in_another_way(site: Site) -> None:
    """Encoding and separator can be said when they were guessed wrongly."""
    address = await bring(site, ("p.csv", "Titel|Läget\nExempel: å|Text; mer\n".encode("cp1252")))
    answer = await site.post(address, {"kodning": "Windows-1252", "skiljetecken": ";"})
    page = await site.get(answer.location.partition("#")[0])

    assert dict(mapping(page))["skiljetecken"] == ";"
    assert "Titel|Läget" in words(page)


async def test_again_makes_nothing_twice(site: Site) -> None:
    """The same file again, a second press, and a title that is taken make no second draft."""
    address = await bring(site, ("a.md", MARKDOWN))
    page = await site.get(address)
    await make(site, address, page)
    await make(site, address, page)
    again = await site.get(await bring(site, ("a.md", MARKDOWN)))
    other = await site.get(await bring(site, ("b.md", MARKDOWN)))

    assert await titles(site) == ["Exempel: e-arkiv"]
    assert "Allt som går att importera finns redan." in words(again)
    assert "Det finns redan ett utkast med den titeln." in words(other)
    assert ticked(other) == []
    await make(site, await bring(site, ("b.md", MARKDOWN)), other, *boxes(other))
    assert await titles(site) == ["Exempel: e-arkiv", "Exempel: e-arkiv"]


def boxes(answer: Answer) -> list[tuple[str, str]]:
    """All boxes of a page, as if all were ticked."""
    return [("ta-med", value) for value in re.findall(r'name="ta-med" value="(\w+)"', answer.text)]


async def test_a_published_draft_is_known_when_its_source_changes(site: Site) -> None:
    """What was published is not offered again; changed, it becomes a draft of a change."""
    address = await bring(site, ("kartan.yml", PUBLICCODE))
    await make(site, address, await site.get(address))
    record = await publish_the_draft(site)
    same = await site.get(await bring(site, ("kartan.yml", PUBLICCODE)))
    changed = PUBLICCODE.replace("Visar kartor", "Visar kartor och ritningar")
    address = await bring(site, ("kartan.yml", changed))
    offered = await site.get(address)
    await make(site, address, offered)
    (draft,) = await site.served.node.draft_store.newest(9)
    form = await site.get(f"/utkast/{draft.draft_id.hex()}")

    assert "Allt som går att importera finns redan." in words(same)
    assert "Ändring av en publicerad erfarenhet" in words(offered)
    assert draft.record == bytes.fromhex(record)
    assert "Visar kartor och ritningar" in form.text
    detail = await site.served.node.queries.record(bytes.fromhex(record))
    assert detail is not None
    assert detail.experience is not None
    assert detail.experience.source is not None
    assert detail.experience.source.url == "https://exempel.se/kod/kartan"
    assert detail.experience.licence == "EUPL-1.2"


async def publish_the_draft(site: Site) -> str:
    """Publish the only draft there is; returns the record's id."""
    (draft,) = await site.served.node.draft_store.newest(9)
    form = (await site.get(f"/utkast/{draft.draft_id.hex()}")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    whole = await site.served.node.draft_store.get(draft.draft_id)
    assert whole is not None
    typed = dict(whole.typed) | {"area": FORM["area"]}
    sent = [*(hidden | typed).items(), ("steg", "publicera"), *CONFIRMED]
    done = await site.post("/skriv", sent)
    assert done.status == 303, words(done)
    return done.location.rpartition("/")[2]


async def test_a_changed_draft_of_a_change_can_be_published(site: Site) -> None:
    """The draft of a change carries the version that it was made from."""
    address = await bring(site, ("kartan.yml", PUBLICCODE))
    await make(site, address, await site.get(address))
    record = await publish_the_draft(site)
    address = await bring(site, ("kartan.yml", PUBLICCODE.replace("kartor", "kartblad")))
    await make(site, address, await site.get(address))
    (draft,) = await site.served.node.draft_store.newest(9)
    whole = await site.served.node.draft_store.get(draft.draft_id)
    assert whole is not None
    form = (await site.get(f"/utkast/{draft.draft_id.hex()}")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    typed = dict(whole.typed) | {"area": FORM["area"]}
    sent = [*(hidden | typed).items(), ("steg", "publicera"), *CONFIRMED]
    done = await site.post(f"/erfarenheter/{record}/andra", sent)

    assert done.status == 303, words(done)
    assert "klart=andrad" in done.location


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ([], "Välj en fil först"),
        ([("bild.png", b"\x89PNG")], "bild.png går inte att importera."),
        ([("arkiv.zip", b"PK\x03\x04")], "arkiv.zip går inte att importera."),
        ([("../a.tar.gz", b"\x1f\x8b")], "a.tar.gz går inte att importera."),
        ([("a.md", b"# A\n" + b"x" * 1_000_001)], "a.md är för stor."),
        ([("a.csv", b"Titel\nx\n"), ("b.md", b"# B\n")], "Välj en CSV-fil åt gången"),
    ],
)
async def test_what_cannot_be_brought(
    site: Site, files: list[tuple[str, bytes]], error: str
) -> None:
    """A file that is not to be imported is refused with what to do."""
    answer = await site.upload("/importera", {}, *files)

    assert answer.status == 422
    assert error in words(answer)
    assert_sound(answer)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("a.csv", b"PK\x03\x04rest"), "Spara bladet som CSV (UTF-8)"),
        (("a.csv", b""), "Det finns inget i tabellen."),
        (("a.yml", b"name: \xff"), "Filen är inte UTF-8."),
        (("a.yml", b"annat: 1"), "Det här är ingen publiccode.yml"),
        (("a.md", b"---\ntitel: [\n---\n"), "a.md, rad 2: YAML-delen går inte att läsa"),
    ],
)
async def test_what_cannot_be_read(site: Site, file: tuple[str, bytes], said: str) -> None:
    """A file that cannot be read has a page that says why, and nothing to make drafts of."""
    page = await site.get(await bring(site, file))

    assert page.status == 200
    assert said in words(page)
    assert boxes(page) == []
    assert_sound(page)


async def test_an_import_is_its_owners(site: Site) -> None:
    """Another editor finds nothing at its address and cannot throw it away; authors get no page."""
    address = await bring(site, ("a.md", MARKDOWN))
    other = await site.signed_in(Role.EDITOR, "elin")
    author = await site.signed_in(Role.AUTHOR, "anna")
    await other.post(f"{address}/kasta")

    assert (await other.get(address)).status == 404
    assert (await other.post(address, {"steg": "utkast"})).status == 404
    assert (await author.get("/importera")).status == 403
    assert (await site.get(address)).status == 200


async def test_imports_are_listed_and_thrown_away(site: Site) -> None:
    """What has been begun is found again, has an end, and goes by itself after a week."""
    address = await bring(site, ("arkiv.md", MARKDOWN))
    listed = await site.get("/importera")
    await site.post(f"{address}/kasta")
    old = bytes.fromhex((await bring(site, ("arkiv.md", MARKDOWN))).rpartition("/")[2])
    store = site.served.node.import_store
    await store.remove_old(site.served.node.clock.time_ms() + IMPORT_KEPT_MS + 60_000)

    assert "arkiv.md" in words(listed)
    assert (await site.get(address)).status == 404
    assert await store.get(old) is None


async def test_imports_have_a_bound(site: Site) -> None:
    """The eleventh import that waits is refused, with what to do."""
    for _ in range(IMPORTS_OF_ONE_USER_MAX):
        await bring(site, ("a.md", MARKDOWN))
    answer = await site.upload("/importera", {}, ("a.md", MARKDOWN.encode()))

    assert answer.status == 422
    assert "Kasta någon som är klar först" in words(answer)


async def test_an_import_that_finds_no_room_goes_on_later(site: Site) -> None:
    """With all room for drafts taken the rest waits, and is made once there is room."""
    rows = "".join(f"Exempel {number};Text\n" for number in range(DRAFTS_OF_ONE_USER_MAX + 30))
    address = await bring(site, ("a.csv", f"Titel;Läget\n{rows}"))
    receipts = []
    for _ in range(3):
        page = await site.get(address)
        receipts.append((await make(site, address, page)).location.rpartition("=")[2])
    assert receipts == ["importerat", "importerat", "importerat-fullt"]
    assert len(await titles(site)) == DRAFTS_OF_ONE_USER_MAX
    for row in (await site.served.node.draft_store.newest(30))[:30]:
        await site.post(f"/utkast/{row.draft_id.hex()}/kasta")
    await make(site, address, await site.get(address))

    assert len(await titles(site)) == DRAFTS_OF_ONE_USER_MAX
    assert len(set(await titles(site))) == DRAFTS_OF_ONE_USER_MAX


async def test_in_english(site: Site) -> None:
    """Both pages, with all that importers say, are there in English."""
    address = await bring(site, ("projekt.csv", TABLE))
    begin = await site.get("/importera?sprak=en")
    page = await site.get(f"{address}?sprak=en")

    assert_sound(begin, "en")
    assert_sound(page, "en")
    assert "Row 4: 1,500 can be read in two ways." in words(page)
    assert "To be chosen in the draft: Contact, Type" in words(page)
    assert "Imports that have been begun" in words(begin)


async def test_the_municipality_that_is_named_is_asked(site: Site) -> None:
    """A record that names us among its users asks us; nothing is said in our name."""
    said = "Funktioner:\n\n- Kartor\n\nAnvänds av:\n\n- Tidaholms kommun\n- Hjo kommun"
    source = {"name": "publiccode.yml, Kartan"}
    named = await with_hjo(site, title="Exempel: kartan", results=said, source=source)
    address = (await site.get(f"/erfarenheter/{named}")).location
    page = await site.get(address)
    used = await site.post(f"/erfarenheter/{named}/anvander")
    after = await site.get(address)
    public = await site.signed_out().get(address)

    asked = "Enligt källan används det här också av er."
    assert asked in words(page)
    assert "Använder också: 0" in words(page)
    assert used.status == 303
    assert asked not in words(after)
    assert asked not in words(public)
