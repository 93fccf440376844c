"""The pages about moving, merging and leaving, in Swedish and English, without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Address, Contact, Leave, Profile
from storage.account_views import Role
from web_site import Answer, Site, assert_sound, open_site, write

PAGE, LEAVE = "/flytta", "/flytta/lamna"
ADDRESS = "http://tidan.exempel.se"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, and somebody who decides about neighbours."""
    async with open_site(tmp_path, other_origins=(ADDRESS,)) as opened:
        yield await opened.signed_in(Role.FEDERATION_ADMIN)


def hjo() -> LogMaker:
    """Hjo with its first entry."""
    return LogMaker(2, code="1497", name="Hjo kommun")


async def read_record(site: Site, record: str) -> Answer:
    """A record's page, at its own address."""
    moved = await site.get(f"/erfarenheter/{record}/x")
    return await site.get(moved.headers["Location"])


async def test_the_pages_are_for_those_who_decide(site: Site) -> None:
    """Others neither see them nor find the way there."""
    author = await site.signed_in(Role.AUTHOR)
    for path in (PAGE, LEAVE):
        assert_sound(await site.get(path))
        assert_sound(await site.get(path, cookie="tidan-sprak=en"))
        assert (await author.get(path)).status == 403
        assert (await author.post(path, {"forstatt": "ja"})).status == 403
    assert f'href="{PAGE}"' in (await site.get("/grannar")).text
    assert not site.served.node.recovery.has_left


async def test_leaving_asks_first_and_is_said_everywhere(site: Site) -> None:
    """Without the tick nothing happens; then every page says it and nothing can be published."""
    record = await site.publish(title="Exempel: det som står kvar")
    unticked = await site.post(LEAVE, {"skal": "Exempel: vi slutar"})
    assert unticked.status == 422
    assert "Exempel: vi slutar" in unticked.text
    assert_sound(unticked)
    assert (await site.post(LEAVE, {"skal": "x\u202e", "forstatt": "ja"})).status == 422
    assert (await site.post(LEAVE, {"skal": "x" * 2001, "forstatt": "ja"})).status == 422
    assert not site.served.node.recovery.has_left

    done = await site.post(LEAVE, {"skal": "Exempel: vi slutar", "forstatt": "ja"})
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?klart=lamnade-natverket")
    page = await site.get(PAGE)
    assert_sound(page)
    assert "Tidaholm lämnade nätverket" in page.text
    assert "Exempel: vi slutar" in page.text
    assert (await site.get(LEAVE)).status == 303
    assert "har lämnat nätverket" in (await site.get("/grannar")).text
    assert "inte att publicera" in (await site.get("/skriv")).text
    read = await read_record(site, record)
    assert "Tidaholm lämnade nätverket" in read.text
    assert "Kontakten nedan kan ha upphört" in read.text
    assert "/andra" not in read.text
    place = await site.get("/kommuner/1498-tidaholm")
    assert "Tidaholm lämnade nätverket" in place.text
    assert_sound(place)
    assert "har lämnat" in (await site.get("/kommuner")).text
    refused = await site.post(
        f"/erfarenheter/{record}/kommentarer", {"text": "Exempel: hej", "kind": "comment"}
    )
    assert refused.status == 422
    assert "Kommunen har lämnat nätverket" in refused.text


async def test_nobody_is_urged_to_call_who_has_left(site: Site) -> None:
    """On the page of a neighbour that has left, calling it is no longer what one is led to do."""
    old = hjo()
    path, call = (
        f"/grannar/{old.log.hex()}",
        re.compile(r'<button( class="primary")?[^>]*>Försök nu'),
    )
    await site.receive(old)
    await site.served.node.operations.add_neighbour(old.log.hex(), "http://127.0.0.1:9")
    before = call.search((await site.get(path)).text)
    write(old, "leave", Leave())
    await site.receive(old)
    after = call.search((await site.get(path)).text)

    assert (before and before[1], after and after[1]) == (' class="primary"', None)
    assert after is not None


async def test_a_merger_links_both_ways(site: Site) -> None:
    """Records and pages of who left name who answers now, and the other way round."""
    old = hjo()
    record = write(old, "experience", an_experience())
    await site.receive(old)
    assert (await site.post(f"{PAGE}/fortsatt", {"kommun": "ab" * 32})).status == 422
    said = await site.post(f"{PAGE}/fortsatt", {"kommun": old.log.hex()})
    assert said.headers["Location"] == f"{PAGE}?klart=fortsatter"
    await site.served.node.publisher.publish(
        "profile",
        Profile(
            name="Tidaholms kommun",
            code="1498",
            contact=Contact(role="Kansliet", email="kansli@exempel.se"),
        ),
    )
    waiting = await site.get(PAGE)
    assert "väntar på att de lämnar" in waiting.text
    assert_sound(waiting)
    assert "Nu svarar" not in (await read_record(site, record)).text
    write(old, "leave", Leave(successor=site.served.log))
    await site.receive(old)

    read = await read_record(site, record)
    assert "Hjo lämnade nätverket" in read.text
    assert "kansli@exempel.se" in read.text
    assert "Kontakt nu" in read.text
    assert_sound(read)
    assert 'href="/kommuner/1498-tidaholm"' in (await site.get("/kommuner/1497-hjo")).text
    assert 'href="/kommuner/1497-hjo"' in (await site.get("/kommuner/1498-tidaholm")).text
    assert "båda har sagt det" in (await site.get(PAGE)).text
    back = f"{PAGE}/fortsatt/{old.log.hex()}/ta-tillbaka"
    assert (await site.post(back, {"skal": " "})).status == 422
    assert (await site.post(back, {"skal": "Exempel: fel"})).status == 303
    assert "Nu svarar" not in (await read_record(site, record)).text


async def test_who_names_us_is_offered(site: Site) -> None:
    """A municipality that left and named ours can be gone on for with one press."""
    old = hjo()
    write(old, "leave", Leave(successor=site.served.log))
    await site.receive(old)
    page = await site.get(PAGE)

    assert "Anger er som den som fortsätter" in page.text
    assert_sound(page)
    assert (await site.post(f"{PAGE}/fortsatt", {"kommun": old.log.hex()})).status == 303
    assert "båda har sagt det" in (await site.get(PAGE)).text


async def test_a_neighbour_s_new_address_is_one_press_away(site: Site) -> None:
    """The page shows the signed address; only the one that was shown is taken over."""
    node, other = site.served.node, hjo()
    write(other, "address", Address(url="http://ny.exempel.se"))
    await site.receive(other)
    await node.operations.add_neighbour(other.log.hex(), "http://127.0.0.1:9")
    path = f"/grannar/{other.log.hex()}"
    page = await site.get(path)
    assert "Hjo har flyttat till" in page.text
    assert_sound(page)
    reader = await site.signed_in(Role.READER)
    assert "Använd den nya adressen" not in (await reader.get(path)).text
    await site.post(f"{path}/adress", {"adress": "http://fel.exempel.se"})
    (before,) = await node.operations.neighbours()
    done = await site.post(f"{path}/adress", {"adress": "http://ny.exempel.se"})
    (after,) = await node.operations.neighbours()

    assert before.url == "http://127.0.0.1:9"
    assert done.headers["Location"] == f"{path}?klart=ny-adress"
    assert after.url == "http://ny.exempel.se"
    assert "har flyttat till" not in (await site.get(path)).text


async def test_the_world_is_not_led_inside(tmp_path: Path) -> None:
    """A node with a public address offers no address that only machines around it reach."""
    async with open_site(tmp_path, public_url="https://tidan.exempel.se") as site:
        node, other = site.served.node, hjo()
        write(other, "address", Address(url="http://10.0.0.7"))
        await site.receive(other)
        await node.operations.add_neighbour(other.log.hex(), "https://hjo.exempel.se")
        (status,) = await node.operations.neighbours()
        own = await node.operations.publish_address()

    assert status.moved_to is None
    assert own.address == "https://tidan.exempel.se"


async def test_our_own_address_is_signed_as_it_was_shown(tmp_path: Path) -> None:
    """The button signs the address in the settings once, and no other."""
    async with open_site(tmp_path, public_url=ADDRESS) as opened:
        site = await opened.signed_in(Role.FEDERATION_ADMIN)
        assert "Underteckna adressen" in (await site.get(PAGE)).text
        await site.post(PAGE, {"adress": "http://fel.exempel.se"})
        before = await site.own_sequence()
        done = await site.post(PAGE, {"adress": ADDRESS})
        after = await site.own_sequence()
        await site.post(PAGE, {"adress": ADDRESS})

        assert done.headers["Location"] == f"{PAGE}?klart=adress"
        assert after == before + 1 == await site.own_sequence()
        assert "Underteckna adressen" not in (await site.get(PAGE)).text
