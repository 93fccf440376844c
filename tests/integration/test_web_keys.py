"""The page about the municipality's key: who sees it, what it says, and that nothing keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.ground.data_folder import GUARD_NAME
from node.web.pages.keys import REHEARSED_LONG_AGO_MS
from protocol.identity import SigningKey, next_key_digest
from storage.account_views import Role
from storage.guard_file import GuardFile
from storage.settings_store import REHEARSED
from web_site import Site, assert_sound, open_site

PAGE = "/aterstallning"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node, and somebody who decides about neighbours."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.FEDERATION_ADMIN)


async def test_the_page_is_for_those_who_look_after_the_node(site: Site) -> None:
    """Others do not see it, and what is shown is kept nowhere and takes no secret."""
    author = await site.signed_in(Role.AUTHOR)
    found = await site.get(PAGE)

    assert found.status == 200
    assert_sound(found)
    assert found.headers["Cache-Control"] == "no-store"
    assert "<textarea" not in found.text
    assert '<input type="password"' not in found.text
    assert site.served.sheet_seed.hex() not in found.text
    assert (await author.get(PAGE)).status == 403
    assert (await site.signed_out().get(PAGE)).status == 303
    assert f'href="{PAGE}"' in (await site.get("/grannar")).text
    assert f'href="{PAGE}"' not in (await author.get("/grannar")).text


async def test_it_says_when_the_sheet_was_rehearsed(site: Site) -> None:
    """Never, today, or so long ago that it is time again; and a new sheet begins anew."""
    node, seed = site.served.node, site.served.sheet_seed
    digest = next_key_digest(SigningKey(seed).public_key).hex()
    assert "Ingen har provat det här återställningsbladet" in (await site.get(PAGE)).text
    await node.operations.rehearse_key(digest)
    rehearsed = (await site.get(PAGE)).text
    assert "Ingen har provat" not in rehearsed
    assert "dags att öva igen" not in rehearsed
    then_ms = node.clock.time_ms() - REHEARSED_LONG_AGO_MS - 1
    await node.facts.put(REHEARSED, f"{digest} {then_ms}")
    assert "dags att öva igen" in (await site.get(PAGE)).text
    following = next_key_digest(SigningKey(seed[::-1]).public_key)
    await node.operations.rotate_key(seed.hex(), following.hex())
    assert "Ingen har provat" in (await site.get(PAGE)).text
    assert "nummer 2" in (await site.get(PAGE)).text


async def test_a_lost_guard_is_told_with_what_it_may_cost(site: Site) -> None:
    """What may be missing, who has answered, and the two ways on; others learn whom to ask."""
    await site.served.stop()
    (site.served.folder / GUARD_NAME).unlink()
    await site.served.start()
    author = await site.signed_in(Role.AUTHOR)
    told, neighbours = await site.get(PAGE), await site.get("/grannar")

    assert_sound(told)
    assert "Nyckeln behöver bytas innan något kan publiceras" in told.text
    assert "Här finns 1 inlägg i er följd" in told.text
    assert "--without-rest" in told.text
    assert "--same-key" in told.text
    assert "Här finns ingen granne att fråga" in told.text
    assert f'href="{PAGE}#ovisst"' in neighbours.text
    assert "nyckel behöver bytas först" in (await author.get("/skriv")).text
    assert f'href="{PAGE}' not in (await author.get("/grannar")).text


async def test_an_old_database_is_told_with_what_is_on_its_way(site: Site) -> None:
    """How much was signed, and how much of it is here."""
    await site.served.stop()
    GuardFile(site.served.folder / GUARD_NAME).write(4, bytes(32))
    await site.served.start()

    told = await site.get(PAGE)

    assert_sound(told)
    assert "Ni har undertecknat 4 inlägg, och 1 av dem finns här" in told.text
    assert "--same-key" not in told.text


async def test_what_stops_signing_leads_to_what_to_do(site: Site) -> None:
    """A fork of our own log, and a copied server, are told on the page and where neighbours are."""
    node = site.served.node
    node.recovery.note_copy()
    assert "Ingenting undertecknas just nu" in (await site.get(PAGE)).text
    node.recovery.note_copy(False)
    own = node.directory.get(node.own_log)
    assert own is not None
    node.directory.put(own._replace(frozen=True))
    await node.log_store.freeze(node.own_log, b"Exempel", 5)

    told, neighbours = await site.get(PAGE), await site.get("/grannar")

    assert "Er följd av texter finns i två versioner" in told.text
    assert f'href="{PAGE}#tva-versioner"' in neighbours.text
    reader = await (await site.signed_in(Role.AUTHOR)).get("/grannar")
    assert "Egna texter finns i två versioner" in reader.text
    assert f'href="{PAGE}' not in reader.text
