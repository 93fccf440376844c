"""A municipality goes by another name: signed in its log, shown by all, and no way to imitate."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from command_line import document, run
from factories import LogMaker
from node.alerts.conditions import NameFacts
from node.errors import ArgumentError
from node_factories import TestNode, nodes, until, until_equal
from protocol.content import Leave, Profile
from storage.account_views import Role
from storage.record_views import RecordFilter
from web_site import assert_sound, open_site, write

REASON = "Exempel: beslut i fullmäktige"


async def name_at(node: TestNode, log: bytes) -> str:
    """The name that a log's municipality goes by at a node."""
    row = await node.node.log_store.log(log)
    return row.name if row else ""


async def until_named(node: TestNode, log: bytes, name: str) -> None:
    """Wait until a node has taken a name up."""

    async def named() -> bool:
        return await name_at(node, log) == name

    await until(named, f"{node.name} says {name}")


async def test_all_show_the_new_name_neighbours_and_theirs(tmp_path: Path) -> None:
    """Also after a restart; the decision and its reason stay where it was made."""
    towns = ("Exempelby kommun", "Provstads kommun", "Mellanby kommun")
    async with nodes(tmp_path, *towns, introductions="auto-1") as (ours, near, far):
        await ours.befriend(near)
        await near.befriend(far)
        await ours.publish("Exempel: skrivet före namnbytet")
        await until_equal([ours, near, far])

        renamed = await ours.node.acting("anna").rename("  Exempelby   stad ", REASON)
        assert (renamed.name, renamed.first_name) == ("Exempelby stad", "Exempelby kommun")
        for node in (ours, near, far):
            await until_named(node, ours.log_id, "Exempelby stad")
        await until_equal([ours, near, far])
        (row,) = (await far.node.queries.page_and_facets(RecordFilter()))[0].rows
        assert row.municipality == "Exempelby stad"
        detail = await far.node.queries.municipality(ours.code)
        assert detail is not None
        assert (detail.name, detail.first_name) == ("Exempelby stad", "Exempelby kommun")
        audited = (await ours.node.audit.newest(1))[0]
        assert (audited.actor, audited.action) == ("anna", "name change")
        assert audited.detail == f"”Exempelby kommun” → ”Exempelby stad”: {REASON}"
        assert not any(REASON in str(item) for item in await far.node.audit.newest(20))

        await far.stop()
        await far.start()
        assert await name_at(far, ours.log_id) == "Exempelby stad"
        assert far.node.names.signed.by_code[ours.code].official == "Exempelby stad"


async def test_a_name_like_somebody_elses_is_not_signed(tmp_path: Path) -> None:
    """Nor one in other letters, an empty one, the present one, or one without a reason."""
    async with nodes(tmp_path, "Exempelby kommun", "Provstads kommun") as (ours, other):
        await ours.befriend(other)
        await until_equal([ours, other])
        for name in ("Provstad", "Pr0vstads stad", "Skövde kommun", "Hjо kommun", "Skovde"):
            with pytest.raises(ArgumentError):
                await ours.node.operations.rename(name, REASON)
        for name, reason in (("", REASON), ("Exempelby stad", " "), ("Exempelby kommun", REASON)):
            with pytest.raises(ArgumentError):
                await ours.node.operations.rename(name, reason)


async def test_who_signs_a_name_like_another_is_shown_as_before(tmp_path: Path) -> None:
    """A log that signs it all the same keeps its old name, with an alarm until it signs another;
    what is not Latin, and another kommunkod, are no way round it."""
    async with open_site(tmp_path) as opened:
        site = await opened.signed_in(Role.FEDERATION_ADMIN)
        names = site.served.node.names
        liar = LogMaker(7, code="9007", name="Sjöbacka kommun")
        for wanted, like in (("Tidaholms stad", "Tidaholms kommun"), ("Tidаholm", "")):
            write(liar, "profile", Profile(name=wanted, code="9007"))
            await site.receive(liar)
            await names.review()
            assert names.refused == (
                NameFacts(liar.log.hex(), "9007", "Sjöbacka kommun", wanted, like),
            )
        page = (await site.post("/atgarda", {})) and await site.get("/atgarda")
        assert "Sjöbacka kommun har bytt till ett namn som inte visas" in page.text
        assert_sound(page)
        assert "Sjöbacka kommun" in (await site.get("/kommuner")).text

        write(liar, "profile", Profile(name="Tidaholms kommun", code="1498"))
        await site.receive(liar)
        await names.review()
        assert names.refused == ()
        write(liar, "profile", Profile(name="Sjöbacka stad", code="9007"))
        await site.receive(liar)
        await names.review()
        assert names.refused == ()
        listed = await site.get("/kommuner")
        assert "Sjöbacka stad" in listed.text
        place = await site.get("/kommuner/9007")
        assert "Sjöbacka kommun, byttes" in place.text


async def test_whoever_goes_on_for_a_municipality_may_take_its_name_up(tmp_path: Path) -> None:
    """Two become one: the name of the one that left is free for its successor, once both say so."""
    async with open_site(tmp_path) as opened:
        site = await opened.signed_in(Role.FEDERATION_ADMIN)
        node = site.served.node
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        await site.receive(hjo)
        with pytest.raises(ArgumentError, match="Hjo"):
            await node.operations.rename("Tidaholm-Hjo kommun", REASON)
        write(hjo, "leave", Leave(successor=site.served.log))
        await site.receive(hjo)
        await node.operations.continue_log(hjo.log.hex())

        await node.operations.rename("Tidaholm-Hjo kommun", REASON)

        assert "Tidaholm-Hjo kommun" in (await site.get("/")).text


async def test_the_page_signs_a_name_and_everything_follows(tmp_path: Path) -> None:
    """Form, errors, search, facets, feed, the municipality's page, and the decision."""
    async with open_site(tmp_path) as opened:
        site = await opened.signed_in(Role.FEDERATION_ADMIN)
        await site.publish(title="Exempel: bredband på landet")
        wrong = (
            ({"namn": "", "skal": REASON}, "Skriv det nya namnet"),
            ({"namn": "Hökensås kommun", "skal": ""}, "Skriv varför namnet byts"),
            ({"namn": "Skövde kommun", "skal": REASON}, "kan förväxlas med en annan kommuns"),
            ({"namn": "Hjо", "skal": REASON}, "latinska bokstäver"),
            ({"namn": "x" * 101, "skal": REASON}, "för långt"),
            ({"namn": "Hökensås", "skal": "x" * 2001}, "för långt"),
        )
        for typed, said in wrong:
            answer = await site.post("/flytta/namn", typed)
            assert answer.status == 422
            assert said in answer.text
            assert f'value="{typed["namn"]}"' in answer.text
            assert_sound(answer)
        author = await site.signed_in(Role.AUTHOR)
        assert (await author.post("/flytta/namn", wrong[0][0])).status == 403

        done = await site.post("/flytta/namn", {"namn": "Hökensås kommun", "skal": REASON})
        assert (done.status, done.headers["Location"]) == (303, "/flytta?klart=namn")
        await site.served.node.indexer.settled()
        page = await site.get("/flytta")
        assert page.title.endswith("– Tidan, Hökensås kommun")
        assert "Tidaholms kommun, byttes" in page.text
        place = await site.get("/kommuner/1498-tidaholm")
        assert "Tidigare namn" in place.text
        for path in (
            *("/", "/erfarenheter", "/erfarenheter?q=hökensås", "/erfarenheter?q=kommun:hökensås"),
            *("/kommuner", "/erfarenheter/flode.atom", "/api/v1/records"),
        ):
            answer = await site.get(path)
            assert (answer.status, "Hökensås kommun" in answer.text) == (200, True), path
        assert "bredband" in (await site.get("/erfarenheter?q=hökensås")).text
        assert (
            f"”Tidaholms kommun” → ”Hökensås kommun”: {REASON}"
            in (await site.get("/anvandare/handelser")).text
        )


async def test_the_command_signs_a_name_with_a_reason(tmp_path: Path) -> None:
    """`tidan rename`, on a node that does not run; without a reason it is not understood."""
    node = TestNode(tmp_path, "9001", "Exempelby kommun")
    await node.create()
    data = str(node.folder)

    assert (await asyncio.to_thread(run, "rename", "Exempelby stad", "--data", data)).exit_code == 2
    arguments = ("rename", "Exempelby stad", "--reason", REASON, "--data", data)
    found = await asyncio.to_thread(document, *arguments, "--json")
    shown = await asyncio.to_thread(run, "merge", "show", "--data", data)

    assert found["name"] == "Exempelby stad"
    assert "First name      Exempelby kommun" in shown.output
