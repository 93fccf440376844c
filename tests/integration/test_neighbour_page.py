"""A neighbour's page and `tidan peer show`: both directions, how far each is, and what has been."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from certificates import NOW, Authority
from command_line import run
from factories import LogMaker
from hostile_neighbour import approved
from node.operations.neighbour_details import WayState
from node.operations.neighbour_status import NeighbourState
from node.sync import words
from node.web.formats import short_date
from node_factories import TestNode, until, until_equal
from odd_servers import tcp_server
from protocol.handshake import VERSIONS
from protocol.messages import Stored
from storage.account_views import Role
from tests.free_ports import free_port
from web_site import Site, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Our node and its pages."""
    async with open_site(tmp_path / "tidaholm") as opened:
        yield opened


async def read(site: Site, path: str) -> str:
    """A page's text."""
    answer = await site.get(path)
    assert answer.status == 200, answer.text
    return " ".join(unescape(answer.text).split())


async def shows(site: Site, path: str, *texts: str) -> str:
    """Wait until a page says all of this; returns it."""
    page = ""

    async def said() -> bool:
        nonlocal page
        page = await read(site, path)
        return all(text in page for text in texts)

    await until(said, f"{path} said {texts}")
    return page


async def in_step(site: Site, other: TestNode) -> str:
    """Wait until both hold the same; returns the address of the neighbour's page."""
    await until_equal([site.served, other])
    path = f"/grannar/{other.log}"
    await shows(site, path, f">{NeighbourState.IN_STEP}</span>")
    return path


async def test_a_contact_from_them_hides_no_failure_of_ours(site: Site, hjo: TestNode) -> None:
    """That the neighbour reaches us says nothing of the way there: it stands as not working."""
    await site.served.node.operations.add_neighbour(hjo.log, f"http://127.0.0.1:{free_port()}")
    path = f"/grannar/{hjo.log}"
    await shows(site, path, words.NOTHING_THERE)
    await hjo.node.operations.add_neighbour(site.served.log, site.served.url)
    page = await shows(site, path, f">{WayState.OPEN}</span>")

    ours, _, theirs = page.partition("Grannen ringer upp er")
    assert f">{WayState.FAILED}</span>" in ours
    assert words.NOTHING_THERE in ours
    assert f">{WayState.OPEN}</span>" in theirs


async def test_a_neighbour_that_is_gone_still_has_its_lag(site: Site, hjo: TestNode) -> None:
    """What it lacks is counted from what it last said, and is still known after a restart."""
    await site.served.befriend(hjo)
    path = await in_step(site, hjo)
    await hjo.stop()
    for number in range(3):
        await site.publish(title=f"Exempel: {number}")
    row = '<th scope="row">Hjo</th><td class="number">3</td>'
    page = await shows(site, path, row, f">{NeighbourState.NO_CONTACT}</span>")
    assert "enligt det Hjo sa senast" in page

    await site.served.stop()
    await site.served.start()
    again = await site.signed_in(Role.OPERATOR)
    assert row in await read(again, path)
    await hjo.start()
    await in_step(again, hjo)
    assert '<th scope="row">Hjo</th><td class="number">0</td><td>–</td>' in await read(again, path)


async def test_what_we_lack_is_known_while_the_neighbour_is_gone(site: Site) -> None:
    """Entries that were spoken of and never came are counted, with since when."""
    maker = LogMaker(4, code="1497", name="Hjo kommun")
    maker.extend(4)
    path = f"/grannar/{maker.log.hex()}"
    async with approved(maker, site.served) as neighbour:
        await neighbour.offer(maker)
        await shows(site, path, f">{NeighbourState.FETCHING}</span>")
    page = await shows(site, path, f">{NeighbourState.NO_CONTACT}</span>")

    assert '<th scope="row">Tidaholm</th><td class="number">5</td><td>–</td>' not in page
    assert '<th scope="row">Tidaholm</th><td class="number">5</td><td>' in page


async def test_a_pause_is_known_on_both_sides_and_ends_on_both(site: Site, hjo: TestNode) -> None:
    """The paused side is told so, is no stranger that knocks, and goes on when it is resumed."""
    await hjo.befriend(site.served)
    path = await in_step(site, hjo)
    await site.post(f"{path}/pausa")

    async def told() -> bool:
        hjo.node.dialer.try_now(site.served.log_id)
        (status,) = await hjo.node.operations.neighbours()
        return status.state == NeighbourState.PAUSED_THERE and bool(status.next_try_ms)

    await until(told, "the other side was told")
    await site.served.node.chores.settled()
    assert await site.served.node.operations.knocks() == []
    assert "misslyckades senast" not in await read(site, path)
    await site.served.stop()
    await site.served.start()
    again = await site.signed_in(Role.OPERATOR)
    await until(told, "the other side is told after a restart as well")
    assert await site.served.node.operations.knocks() == []
    answer = await again.post(f"{path}/ateruppta")
    hjo.node.dialer.try_now(site.served.log_id)
    await in_step(again, hjo)

    assert answer.location == f"{path}?klart=aterupptagen"

    async def no_way_fails() -> bool:
        detail = await hjo.node.operations.neighbour(site.served.log)
        return [way.error_code for way in detail.ways] == [None, None]

    await until(no_way_fails, "the other side knows as well that the way works")


@pytest.mark.parametrize("by_file", [False, True], ids=["on the page", "by a file"])
async def test_a_block_ends_contact_until_it_is_lifted(
    site: Site, hjo: TestNode, by_file: bool
) -> None:
    """A blocked neighbour is not dialled, is told no more than a stranger, and does not knock."""
    await hjo.befriend(site.served)
    path = await in_step(site, hjo)
    if by_file:
        text = f"id,beslut,skäl,anteckning\n{hjo.log},blockerad,Exempel: fel kommun,\n"
        await site.served.node.operations.import_decisions(text, dry_run=False)
    else:
        await site.post(f"{path}/beslut", {"beslut": "aldrig", "skal": "Exempel: fel kommun"})
    page = await shows(site, path, f">{NeighbourState.BLOCKED}</span>")

    async def turned_away() -> bool:
        hjo.node.dialer.try_now(site.served.log_id)
        (status,) = await hjo.node.operations.neighbours()
        return status.state == NeighbourState.WAITING

    await until(turned_away, "the other side was turned away")
    await site.served.node.chores.settled()
    assert "Exempel: fel kommun" in page
    assert "/pausa" not in page
    assert await site.served.node.operations.knocks() == []
    await site.post(f"{path}/beslut", {"beslut": "lagg-till"})
    hjo.node.dialer.try_now(site.served.log_id)
    await in_step(site, hjo)


async def test_the_same_error_again_is_one_line(site: Site) -> None:
    """The history counts repetitions, and folds the technical words away."""
    log = "ab" * 32
    await site.served.node.operations.add_neighbour(log, f"http://127.0.0.1:{free_port()}")

    async def tried_often() -> bool:
        site.served.node.dialer.try_now(bytes.fromhex(log))
        (past,) = (await site.served.node.operations.neighbour(log)).errors or (None,)
        return past is not None and past.times >= 3

    await until(tried_often, "it was dialled three times")
    page = await read(site, f"/grannar/{log}")

    assert page.count("i rad sedan") == 1
    assert "<summary>För den som sköter servern" in page
    assert "ClientConnectorError: Cannot connect" in page


async def test_bytes_are_counted_over_sessions(site: Site, hjo: TestNode) -> None:
    """What a session carries is added to what earlier ones did, also over a restart."""
    await site.served.befriend(hjo)
    await in_step(site, hjo)
    first = await site.served.node.operations.neighbour(hjo.log)
    assert first.session is not None
    assert first.session.received_bytes > 500
    assert first.received_bytes >= first.session.received_bytes

    await site.served.stop()
    await site.served.start()
    again = await site.signed_in(Role.OPERATOR)
    await in_step(again, hjo)
    second = await site.served.node.operations.neighbour(hjo.log)
    assert second.session is not None
    assert second.received_bytes >= first.received_bytes + second.session.received_bytes
    assert second.sent_bytes >= first.sent_bytes + second.session.sent_bytes
    assert second.protocol_version == VERSIONS[-1]


async def test_the_end_of_the_certificate_is_shown(site: Site, tmp_path: Path) -> None:
    """Who is dialled with https shows until when; the day is the certificate's own."""
    ends = NOW + timedelta(days=40)
    context = Authority(tmp_path).trust().context(ends=ends)
    port = free_port()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, back), copy(there, writer), return_exceptions=True)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
        writer.close()

    async with tcp_server(relay, context) as tls_port:
        url = f"https://127.0.0.1:{tls_port}"
        hjo = TestNode(tmp_path / "hjo", "1497", "Hjo kommun", port, public_url=url)
        await hjo.start()
        try:
            await hjo.node.operations.add_neighbour(site.served.log)
            await site.served.node.operations.add_neighbour(hjo.log, url)
            path = await in_step(site, hjo)
            page = await read(site, path)
        finally:
            await hjo.stop()

    day = short_date(round(ends.timestamp() * 1000))
    assert f'Certifikatet gäller till</dt><dd><time datetime="{day}">' in page


async def test_the_page_is_for_staff_and_the_buttons_for_the_admin(
    site: Site, hjo: TestNode
) -> None:
    """A reader sees how it goes; only who decides about neighbours can act; others see nothing."""
    await site.served.node.operations.add_neighbour(hjo.log, hjo.url)
    path = f"/grannar/{hjo.log}"
    reader = await site.signed_in(Role.READER)
    admin = await site.signed_in(Role.FEDERATION_ADMIN)

    assert "/pausa" in (await admin.get(path)).text
    assert "/pausa" not in (await reader.get(path)).text
    assert (await site.signed_out().get(path)).status in (302, 303, 403)
    assert (await site.get(f"/grannar/{'0' * 64}")).status == 404


async def test_the_command_says_the_same(site: Site, hjo: TestNode) -> None:
    """`tidan peer show` has the page's words in English, and all of it as JSON."""
    await site.served.node.operations.add_neighbour(hjo.log, hjo.url)
    await shows(site, f"/grannar/{hjo.log}", f">{NeighbourState.WAITING}</span>")
    folder = site.served.folder
    shown = await asyncio.to_thread(run, "--data", folder, "peer", "show", hjo.log[:8])
    whole = await asyncio.to_thread(run, "--data", folder, "--json", "peer", "show", hjo.log[:8])

    assert shown.exit_code == 0, shown.output
    for text in ("Waiting for them", "not_a_neighbour", hjo.url, "You call them"):
        assert text in shown.output
    assert '"state": "Väntar på motparten"' in whole.output


async def test_who_holds_a_record_and_its_way_here(site: Site, hjo: TestNode) -> None:
    """A record's page leads staff to the names of neighbours that hold it, and how it came."""
    await site.served.befriend(hjo)
    await in_step(site, hjo)
    record = await hjo.publish("Exempel: från Hjo")
    own = await site.publish(title="Exempel: härifrån")
    await in_step(site, hjo)
    await hjo.stop()
    later = await site.publish(title="Exempel: efteråt")
    foreign = await shows(site, f"/erfarenheter/{record}/spridning", "Vägen hit", "Ja")

    assert "Hos 1 av 1 granne" in foreign
    assert "Allt från Hjo har kommit samma väg." in foreign
    assert "Hos 1 av 1 granne" in await read(site, f"/erfarenheter/{own}/spridning")
    missing = await read(site, f"/erfarenheter/{later}/spridning")
    assert "Hos 0 av 1 granne" in missing
    assert "Inte än" in missing
    page = await site.get(f"/erfarenheter/{record}/exempel-fran-hjo")
    assert f'href="/erfarenheter/{record}/spridning"' in page.text
    public = await site.signed_out().get(f"/erfarenheter/{record}/exempel-fran-hjo")
    assert "spridning" not in public.text


async def test_the_network_says_what_comes_through_whom(site: Site, hjo: TestNode) -> None:
    """A log that no neighbour owns stands under the neighbour that was the first to give it."""
    skara = LogMaker(3, code="1495", name="Skara kommun")
    await site.served.befriend(hjo)
    await in_step(site, hjo)
    async with approved(skara, hjo) as neighbour:
        await neighbour.offer(skara)
        await neighbour.send_run(skara.log, skara.envelopes)
        await neighbour.receive(Stored)

    async def introduced() -> bool:
        await site.served.node.introductions.review()
        return site.served.node.directory.get(skara.log) is not None

    await until(introduced, "Hjo introduced Skara")
    await site.post(f"/grannar/{skara.log.hex()}/beslut", {"beslut": "lagg-till"})
    page = await shows(site, "/natverk", "Skara", "Hjo, 1 av 1", "finns hos Hjo")

    assert '<path class="stream through"' in page
    assert '<path class="stream good"' in page
