"""Writing, reviewing and deciding in English: forms, what is wrong in them, what scripts get."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factories import LogMaker
from protocol.content import Introduction
from spoken import said_in
from storage.account_views import Role
from web_site import CONFIRMED, Answer, Site, assert_sound, open_site, write

FORM = {
    "type": "erfarenhet",
    "title": "Example: new safety alarms",
    "summary": "We changed 240 alarms.",
    "area": "aldre.valfardsteknik",
    "status": "drift",
    "contact_role": "Welfare technology",
    "language": "en",
}


SWEDISH = re.compile(
    r"\b(och|är|inte|från|på|att|som|till|kommunen|för|av|med|den|det|har)\b|[åäö]", re.IGNORECASE
)
NAMES = re.compile(r"Operator\.Exempel|Tidaholms|Skövde|exempelkommun")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, with its operator, who reads English."""
    async with open_site(tmp_path) as opened:
        yield opened.with_cookie("tidan-sprak=en")


def swedish_in(text: str, language: str = "en") -> list[str]:
    """The texts of an English page, or of a part without a language, that are Swedish."""
    return [said for said in said_in(text, language) if SWEDISH.search(NAMES.sub("", said))]


def assert_english(answer: Answer, status: int = 200) -> None:
    """A sound page, all of it in English."""
    assert answer.status == status
    assert_sound(answer, language="en")
    assert swedish_in(answer.text) == []


def marked_wrong(answer: Answer) -> list[str]:
    """What the page says is wrong, as it stands at the fields."""
    found = re.findall(r'<p class="error"[^>]*>(.*?)</p>', answer.text)
    return [re.sub("<[^>]+>", "", text) for text in found]


async def test_each_error_of_the_form_is_english(site: Site) -> None:
    """What is missing, what cannot be read, what is too long: each at its field, with its name."""
    wrong = {"cost_one_off": "much", "started": "soon", "valid_until": "2027", "klassa": "\x07",
             "cost_note": "x" * 3000, "link_0_title": "Only words", "cost_yearly_max": "3",
             "product_0_supplier": "Example", "tags": ",".join("abcdefghijklm")}  # fmt: skip
    answer = await site.post("/skriv", wrong | {"steg": "granska"})

    assert_english(answer, 422)
    assert answer.title.startswith("Error: ")
    said = marked_wrong(answer)
    for text in (
        "Error: Write a title",
        "Error: Choose what kind of experience it is",
        "Error: One-off cost: write a whole number with digits, for example 185 000",
        "Error: Began: write a year, a month or a day, for example March 2024",
        "Error: Valid until: write a day, for example 2027-12-31",
        "Error: About the cost: 3,000 characters is too long, at most 2,000 fit",
        "Error: A range needs a lower amount first and then a higher one",
        "Error: Write the product’s name on the line",
        "Error: Write the link’s address",
    ):
        assert text in said, said
    refused = await site.post("/skriv", FORM | {"klassa": "\x07", "steg": "granska"})
    assert "Error: KLASSA code: what stands here cannot be used, write it differently" in (
        marked_wrong(refused)
    )


async def test_english_dates_and_amounts_are_read(site: Site) -> None:
    """What an English reader types is understood as it is meant."""
    typed = FORM | {"started": "March 2024", "cost_one_off": "SEK 185,000", "steg": "granska"}
    answer = await site.post("/skriv", typed)

    assert_english(answer)
    assert marked_wrong(answer) == []
    assert "185,000" in answer.text


async def test_preview_publishing_and_withdrawing(site: Site) -> None:
    """From a warning about personal data to the page after publishing, and back out again."""
    risky = FORM | {"summary": "Call 070-123 45 67 about 19811218-9876"}
    preview = await site.post("/skriv", risky | {"steg": "granska"})
    unchecked = await site.post("/skriv", FORM | {"steg": "publicera"})
    done = await site.post("/skriv", [*FORM.items(), *CONFIRMED, ("steg", "publicera")])
    published = await site.get(done.location)
    record = done.location.rpartition("/")[2]
    withdrawal = await site.post(f"/erfarenheter/{record}/aterkalla", {"reason": " "})

    assert_english(preview)
    assert "Personal identity number in the field “Summary”" in preview.text
    assert "Telephone number in the field “Summary”" in preview.text
    assert_english(unchecked, 422)
    assert marked_wrong(unchecked) == [
        "Error: Go through the list and tick each line that is right"
    ]
    assert_english(published)
    assert f'<span lang="en">{FORM["title"]}</span>' in published.text
    assert_english(withdrawal, 422)
    assert marked_wrong(withdrawal) == [
        "Error: Write why it is withdrawn, so that others know what holds"
    ]


async def test_the_script_that_saves_gets_english_words(site: Site) -> None:
    """When it was saved, that there is nothing to save, and what stands in the way."""
    draft = "b" * 32
    nothing = json.loads((await site.post(f"/utkast/{draft}", {})).text)
    saved = json.loads((await site.post(f"/utkast/{draft}", FORM)).text)
    changed = await site.post(f"/utkast/{draft}", FORM | {"title": "Another", "fonster": "ab"})
    await site.post(f"/utkast/{draft}/kasta")
    gone = await site.post(f"/utkast/{draft}", FORM | {"utkast_version": "1"})

    assert nothing["words"].startswith("There is nothing to save yet.")
    assert re.fullmatch(r"Saved \d\d:\d\d\.", saved["words"])
    words = json.loads(changed.text)["words"]
    assert re.match(r"You saved another text in this draft, \d\d:\d\d, in another window", words)
    assert "thrown away in another window" in gone.text


async def test_drafts_of_two_that_met(site: Site) -> None:
    """The comparison names fields and areas in English, and leaves the texts as they are."""
    draft = "c" * 32
    await site.post(f"/utkast/{draft}", FORM)
    other = FORM | {"utkast": draft, "fonster": "ab", "area": "digital", "steg": "spara",
                    "product_0_name": "Example"}  # fmt: skip
    answer = await site.post("/skriv", other)

    assert_english(answer, 409)
    assert "<h2>Product 1: Product or service</h2>" in answer.text
    assert "IT, digitalisation and broadband" in answer.text


async def test_review_is_english(site: Site) -> None:
    """Handing in, the list of what waits, and sending back without a word."""
    author = (await site.signed_in(Role.AUTHOR, "anna")).with_cookie("tidan-sprak=en")
    draft = "d" * 32
    sent = [*FORM.items(), *CONFIRMED, ("utkast", draft), ("steg", "lamna")]
    await author.post(f"/utkast/{draft}", FORM)
    assert (await author.post("/skriv", sent)).status == 303
    listed, opened = await author.get("/utkast"), await author.get(f"/utkast/{draft}")
    back = await site.post(f"/utkast/{draft}/tillbaka", {"ord": ""})

    assert_english(listed)
    assert "Handed in for review" in listed.text
    assert_english(opened)
    assert "You have handed the text in for review." in opened.text
    if back.status != 404:  # only where the operator may review it
        assert_english(back, 422)
        assert marked_wrong(back) == ["Error: Write what needs to be changed"]


async def test_files_are_talked_about_in_english(site: Site) -> None:
    """A row of the form, and why a file cannot be attached, for the script and without it."""
    row = await site.upload("/bilagor", {"nummer": "0"}, ("plan.txt", b"Text"))
    refused = await site.upload("/bilagor", {"nummer": "0"}, ("plan.pdf", b"Text"))
    page = await site.upload("/skriv", FORM | {"steg": "bifoga"}, ("empty.pdf", b""))

    assert row.status == 200
    assert swedish_in(row.text, "") == []
    assert "What does the file contain?" in row.text
    assert refused.text.startswith("The file’s name says something else than what is in it (")
    assert SWEDISH.search(refused.text) is None
    assert_english(page, 422)
    assert marked_wrong(page) == ["Error: empty.pdf: The file is empty."]


async def test_neighbours_and_decisions_in_english(site: Site) -> None:
    """A neighbour that cannot be reached, one that waits, and a block that needs its reason."""
    skara = LogMaker(3, code="1495", name="Skara kommun")
    hjo, skovde = LogMaker(2, code="1497", name="Hjo kommun"), LogMaker(4, code="1496")
    write(hjo, "introduction", Introduction(log=skara.log.hex(), code="1495", name="Skara kommun"))
    await site.receive(hjo)
    await site.served.node.introductions.review()
    operations = site.served.node.operations
    await operations.add_neighbour(skovde.log.hex(), "http://127.0.0.1:9", "Skövde")
    page = await site.get("/grannar")
    blocked = await site.post(f"/grannar/{skara.log.hex()}/beslut", {"beslut": "aldrig"})
    fragment = await site.get("/grannar/hamtning")

    assert_english(page)
    assert "No contact" in page.text
    assert "Introduced by Hjo" in page.text
    assert_english(blocked, 422)
    assert marked_wrong(blocked) == [
        "Error: Write why before you choose Never, so that whoever comes after understands"
    ]
    assert swedish_in(fragment.text, "") == []
    assert "here" in fragment.text


async def test_users_and_the_audit_in_english(site: Site) -> None:
    """An invitation, one that cannot be made, the last operator, and the trail of it."""
    typed = {"visat_namn": "Cilla Example", "namn": "cilla.example", "roll": "author"}
    made = await site.post("/anvandare", typed)
    wrong = await site.post("/anvandare", typed | {"namn": "operator.exempel", "roll": ""})
    number = re.search(r"/anvandare/(\d+)/inaktivera", made.text)
    assert number is not None
    last = await site.post(f"/anvandare/{number.group(1)}/inaktivera")
    audit = await site.get("/anvandare/handelser")

    assert_english(made)
    assert "Invitation for Cilla Example" in made.text
    assert_english(wrong, 422)
    assert "Error: Choose a role" in marked_wrong(wrong)
    assert_english(last, 422)
    assert "There has to be at least one operator" in last.text
    assert_english(audit)
    assert "invited" in audit.text
