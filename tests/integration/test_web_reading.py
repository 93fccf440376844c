"""A record's page as it is read: versions, comments by page, address, evidence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from click.testing import CliRunner

from content_factories import an_experience
from factories import LogMaker
from independent import verify
from node.cli.root import main
from node.web.threads import COMMENTS_SHOWN
from protocol.content import Comment
from web_site import FORM, Page, Site, assert_sound, open_site, with_hjo, write


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


async def edited(site: Site, *changes: dict[str, object]) -> str:
    """Publish an own record and edit it; returns its id."""
    record = await site.publish(title="Exempel: larm", results="Vi bytte 240 larm.")
    for change in changes:
        content = an_experience(replaces=record, **{"title": "Exempel: larm", **change})
        await site.served.node.publisher.publish("experience", content)
    return record


async def test_what_changed(site: Site) -> None:
    """The history leads to what each version changed, and from one change to the next."""
    record = await edited(site, {"results": "Vi bytte 310 larm."}, {"results": "Vi bytte alla."})
    page = Page((await site.get(f"/erfarenheter/{record}/exempel-larm")).text)
    links = [link for link in page.links if "/skillnad?" in link]
    newest = await site.get(links[0])
    older = await site.get(links[1])

    assert len(links) == 2
    assert_sound(newest)
    assert_sound(older)
    assert "240</" not in newest.text
    assert "Borttaget: </span>240<" in older.text
    assert "Tillagt: </span>310<" in older.text
    assert links[1] in Page(newest.text).links
    assert links[0] in Page(older.text).links
    whole = await site.get(f"/erfarenheter/{record}/skillnad?fran={record}")
    assert "Borttaget: </span>240 larm.<" in whole.text
    assert "Tillagt: </span>alla.<" in whole.text


async def test_one_version_has_no_difference(site: Site) -> None:
    """A record that was never changed says so; a version of another record is not found."""
    record, other = await edited(site), await site.publish(title="Exempel: annan")

    assert "bara en version" in (await site.get(f"/erfarenheter/{record}/skillnad")).text
    for ids in (f"till={other}", "fran=abc", f"fran={'0' * 64}"):
        assert (await site.get(f"/erfarenheter/{record}/skillnad?{ids}")).status == 404


async def test_a_version_for_members_is_compared_for_members_only(site: Site) -> None:
    """What only member municipalities may read is in no difference that the public sees."""
    hidden = {"visibility": "federation", "results": "Bara för medlemmar."}
    record = await edited(site, hidden, {"results": "Öppet igen."})
    public = await site.signed_out().get(f"/erfarenheter/{record}/skillnad")

    assert "Bara för medlemmar" not in public.text
    assert "Tillagt: </span>Öppet igen." in public.text
    assert "Bara för medlemmar" in (await site.get(f"/erfarenheter/{record}/skillnad")).text


async def test_hostile_text_in_a_difference_is_harmless(site: Site) -> None:
    """Markup in either version is shown as the text it is."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    text = "<script>alert(1)</script>"
    record = write(hjo, "experience", an_experience(results=f"Före {text}"))
    write(hjo, "experience", an_experience(results=f"Efter {text} </ins>", replaces=record))
    await site.receive(hjo)
    answer = await site.get(f"/erfarenheter/{record}/skillnad")

    assert_sound(answer)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


async def test_evidence_is_verified_by_us_and_by_an_independent_library(
    site: Site, tmp_path: Path
) -> None:
    """The file from a record's page proves it, and its earlier version, without any node."""
    record = await edited(site, {"results": "Vi bytte 310 larm."})
    page = Page((await site.get(f"/erfarenheter/{record}/exempel-larm")).text)
    (link,) = [link for link in page.links if "bevis.cbor" in link]
    for address, title in ((link, "new"), (f"{link}?version={record}", "old")):
        file = tmp_path / f"{title}.cbor"
        file.write_bytes(await download(site, address))
        checked = CliRunner().invoke(main, ["log", "verify", str(file), "--json"])
        summary = json.loads(checked.stdout)
        independent = await asyncio.to_thread(verify, file)

        assert checked.exit_code == 0
        assert (summary["log"], summary["code"]) == (site.served.log, "1498")
        assert independent.returncode == 0, independent.stderr
        found = json.loads(independent.stdout)
        assert found["log"] == summary["log"]
        if title == "new":
            assert summary["title"] == "Exempel: larm"
            assert found["entry"] == summary["entry"]
        else:
            assert found["head"] == summary["head"] == record


async def download(site: Site, address: str) -> bytes:
    """The bytes of a file that is offered as one."""
    async with (
        ClientSession(cookie_jar=DummyCookieJar()) as session,
        session.get(site.served.url + address) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/cbor-seq"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        return await answer.read()


async def test_evidence_is_for_those_who_may_read(site: Site) -> None:
    """Evidence of a record for members only is not given to the public."""
    record = await site.publish(visibility="federation")

    assert (await site.signed_out().get(f"/erfarenheter/{record}/bevis.cbor")).status == 404


async def test_the_address_to_share(site: Site) -> None:
    """The page holds its own address whole, to be copied without scripts."""
    record = await with_hjo(site, title="Exempel: bokning")
    page = await site.get(f"/erfarenheter/{record}/exempel-bokning")
    address = f"{site.served.url}/erfarenheter/{record}/exempel-bokning"

    assert f'value="{address}"' in page.text
    assert "readonly" in page.text


async def test_comments_come_by_page(site: Site) -> None:
    """Many comments fill pages; a new one leads to the page it is on."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", an_experience(title="Exempel: larm"))
    for number in range(COMMENTS_SHOWN + 5):
        write(hjo, "comment", Comment(record=record, text=f"Kommentar nummer {number}."))
    await site.receive(hjo)
    path = f"/erfarenheter/{record}/exempel-larm"
    first, second = await site.get(path), await site.get(f"{path}?sida=2")

    assert_sound(first)
    assert_sound(second)
    assert first.text.count("Kommentar nummer") == COMMENTS_SHOWN
    assert second.text.count("Kommentar nummer") == 5
    assert "?sida=2#kommentarer" in Page(first.text).links
    fields = {"text": "En till.", "kind": "comment"}
    said = await site.post(f"/erfarenheter/{record}/kommentarer", fields)
    assert "En till." in (await site.get(said.location.partition("#")[0])).text


async def test_a_text_that_may_be_out_of_date_says_why(site: Site) -> None:
    """On the record and in lists."""
    record = await with_hjo(site, title="Exempel: gammal", valid_until="2025-01-31")
    page = await site.get(f"/erfarenheter/{record}/exempel-gammal")

    assert "avsändaren angav att texten gäller till 31 januari 2025" in page.text
    assert "Kan vara inaktuell</span>" in (await site.get("/erfarenheter")).text


async def test_till_hjalp_is_said_listed_counted_and_taken_back(site: Site) -> None:
    """A municipality says what it reused; all see it, and it can be taken back."""
    record = await with_hjo(site, title="Exempel: bokning")
    path = f"/erfarenheter/{record}"
    said = await site.post(f"{path}/hjalp", {"reused": "Mallen för avtal."})
    page = await site.get(said.location.partition("#")[0])

    assert said.status == 303
    assert_sound(page)
    assert "Till hjälp för: 1" in page.text
    assert "Mallen för avtal." in page.text
    assert "Hjälpte 1\xa0kommun<" in (await site.get("/erfarenheter")).text
    await site.post(f"{path}/hjalp", {"reused": "Mallen, och rutinen."})
    again = await site.get(f"{path}/exempel-bokning")
    assert "Till hjälp för: 1" in again.text
    assert "Mallen, och rutinen." in again.text
    assert "Till hjälp för: 1" in (await site.signed_out().get(f"{path}/exempel-bokning")).text
    back = await site.post(f"{path}/hjalp/angra")
    assert "Till hjälp för: 0" in (await site.get(back.location.partition("#")[0])).text


@pytest.mark.parametrize("text", ["\u202ebaklänges", "x" * 2_001])
async def test_what_was_reused_is_kept_when_it_cannot_be_published(site: Site, text: str) -> None:
    """A text that cannot be signed comes back with the reason, and nothing is signed."""
    record = await with_hjo(site, title="Exempel: bokning")
    before = await site.own_sequence()
    answer = await site.post(f"/erfarenheter/{record}/hjalp", {"reused": text})

    assert answer.status == 422
    assert text in answer.text
    assert 'id="reused-fel"' in answer.text
    assert await site.own_sequence() == before


async def test_one_does_not_thank_oneself(site: Site) -> None:
    """An own record has no "till hjälp" of our own."""
    record = await site.publish()

    assert (await site.post(f"/erfarenheter/{record}/hjalp", {})).status == 404


async def test_hints_are_for_the_author_only(site: Site) -> None:
    """On the own record and on its preview; on no one else's, and not for the public."""
    own, theirs = (
        await site.publish(title="Exempel: kort"),
        await with_hjo(site, title="Exempel: b"),
    )
    heading = "Det här skulle andra ha nytta av"
    page = await site.get(f"/erfarenheter/{own}/exempel-kort")
    preview = await site.post("/skriv", {**FORM, "steg": "granska"})

    assert heading in page.text
    assert f"/erfarenheter/{own}/andra#results" in Page(page.text).links
    assert heading in preview.text
    assert_sound(preview)
    assert heading not in (await site.signed_out().get(f"/erfarenheter/{own}/exempel-kort")).text
    assert heading not in (await site.get(f"/erfarenheter/{theirs}/exempel-b")).text


async def test_a_question_is_answered_as_such(site: Site) -> None:
    """Below a question one answers first of all; below other texts one asks or comments."""
    asked = await with_hjo(site, type="fraga", title="Exempel: hur?")
    page = await site.get(f"/erfarenheter/{asked}/exempel-hur")
    own = await site.get(f"/erfarenheter/{await site.publish(title='Exempel')}/exempel")

    assert 'value="answer" checked' in page.text
    assert 'value="answer"' not in own.text
    assert 'value="comment" checked' in own.text
