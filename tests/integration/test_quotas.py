"""Quotas on real nodes and sockets: what stops, what goes on, what is said, what comes after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from command_line import document, run
from factories import LogMaker
from hostile_neighbour import approved
from node.config import load_settings
from node.errors import ArgumentError
from node.operations.neighbour_status import LOG_FULL, SHARE_SPENT, NeighbourState
from node.process.bootstrap import open_node
from node.web.alert_shape import NEIGHBOURS, QUOTA
from node_factories import TestNode, nodes, until, until_equal
from protocol.messages import Refused, Stored, Want
from storage import quota_store
from storage.account_views import Role
from storage.quota_store import Day
from web_site import Site, assert_sound, open_site

BIG = b'{"schema":1,"text":"' + b"x" * 60_000 + b'"}'


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Our node and its pages."""
    async with open_site(tmp_path / "tidaholm") as opened:
        yield opened


async def read(site: Site, path: str) -> str:
    """A page's text, once it is sound."""
    answer = await site.get(path)
    assert answer.status == 200, answer.text
    assert_sound(answer)
    return " ".join(unescape(answer.text).split())


async def alerts(site: Site) -> str:
    """The page of what needs a person, looked at anew."""
    await site.post("/atgarda")
    return await read(site, "/atgarda")


async def until_held(node: TestNode, log: bytes, sequence: int) -> None:
    """Wait until a node holds a log this far."""

    async def held() -> bool:
        return await node.head(log) >= sequence

    await until(held, f"entry {sequence} was here")


async def until_spent(node: TestNode, neighbour: bytes) -> None:
    """Wait until a neighbour has brought its share of the day."""

    async def spent() -> bool:
        return neighbour in node.node.directory.spent

    await until(spent, "the share was brought")


async def test_a_full_log_stops_alone_and_goes_on_when_its_quota_is_raised(
    site: Site, hjo: TestNode, tmp_path: Path
) -> None:
    """It ends exactly at its quota over a restart, another log comes, the pages and the alert say
    so with a way to the quota, and once that is raised on its page the rest comes by itself."""
    ours, path = site.served, f"{NEIGHBOURS}/{hjo.log}"
    async with AsyncExitStack() as stack:
        skara = await TestNode(tmp_path / "skara", "1495", "Skara kommun").start()
        stack.push_async_callback(skara.stop)
        await ours.node.operations.add_neighbour(hjo.log)
        await ours.node.operations.change_quota("log", hjo.log, entries=4)
        for number in range(6):
            await hjo.publish(f"Exempel: {number}")
        await hjo.befriend(ours)
        await ours.befriend(skara)
        await skara.publish("Exempel: från Skara")
        await until_held(ours, hjo.log_id, 4)
        await until_held(ours, skara.log_id, 2)
        await hjo.publish("Exempel: mer")
        await skara.publish("Exempel: mer från Skara")
        await until_held(ours, skara.log_id, 3)
        assert await ours.head(hjo.log_id) == 4
        await ours.stop()
        await ours.start()
        site = await site.signed_in(Role.OPERATOR)
        page = ""

        async def said() -> bool:
            nonlocal page
            page = await read(site, path)
            return f">{NeighbourState.AT_QUOTA}</span>" in page

        await until(said, "the neighbour's page said so")
        assert LOG_FULL in page
        assert f"Minst {await hjo.head(hjo.log_id) - 4} inlägg väntar." in page
        assert f'href="{path}{QUOTA}"' in page
        assert "Kvoten för Hjo är nådd" in await alerts(site)
        assert f'href="{path}{QUOTA}"' in await alerts(site)
        assert "Kvoten är nådd. Inget mer tas in av det Hjo skriver" in await read(
            site, path + QUOTA
        )

        typed = {"vad": "log", "log-inlagg": "1 000", "log-mb": "5", "log-skal": "ett arkiv"}
        answer = await site.post(path + QUOTA, typed)
        assert answer.location == f"{path}{QUOTA}?klart=kvot"
        await until_held(ours, hjo.log_id, await hjo.head(hjo.log_id))
        assert f">{NeighbourState.AT_QUOTA}</span>" not in await read(site, path)
        assert "Kvoten för Hjo är nådd" in (await alerts(site)).split("Det som är över")[1]
        line = (await ours.node.audit.newest(1))[0]
        assert (line.action, line.detail) == ("member quota", "1000 / 5 MB: ett arkiv")
        assert "Ändrade kvoten (inlägg / MB) för kommun" in await read(site, "/anvandare/handelser")


async def test_a_log_stops_at_its_bytes(site: Site) -> None:
    """What was stored stays, the next run is refused as not wanted, and is asked for again in the
    same session when there is room."""
    maker = LogMaker(4, code="1497", name="Hjo kommun")
    for _ in range(39):
        maker.append(content=BIG)
    operations = site.served.node.operations
    async with approved(maker, site.served) as neighbour:
        await operations.change_quota("log", maker.log.hex(), megabytes=1)
        await neighbour.offer(maker)
        want = await neighbour.receive(Want)
        assert (want.after, want.through) == (0, 40)
        for first in (0, 10):
            await neighbour.send_run(maker.log, maker.envelopes[first : first + 10])
            stored = await neighbour.receive(Stored)
        assert stored.item.sequence == 20
        await neighbour.send_run(maker.log, maker.envelopes[20:30])
        assert (await neighbour.receive(Refused)).code == "not_wanted"
        found = await operations.quotas(maker.log.hex())
        assert found.kept.is_reached
        assert 1_000_000 <= found.kept.size_bytes < 1_300_000

        await operations.restore_quota("log", maker.log.hex())
        while want.after != 20:
            want = await neighbour.receive(Want)
        assert want.through == 40
        for first in (20, 30):
            await neighbour.send_run(maker.log, maker.envelopes[first : first + 10])
        await until_held(site.served, maker.log, 40)
        found = await operations.quotas(maker.log.hex())
    await site.served.stop()
    await site.served.start()
    again = await site.served.node.operations.quotas(maker.log.hex())
    assert (again.kept.entries, again.kept.is_changed) == (40, False)
    assert abs(again.kept.size_bytes - found.kept.size_bytes) < 100


async def test_a_neighbour_brings_its_share_and_the_rest_after_it(
    site: Site, hjo: TestNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its share nothing more comes from it and all of ours still gets there; the count is kept
    over a restart; when the day is over, the rest comes by itself."""
    ours, path = site.served, f"{NEIGHBOURS}/{hjo.log}"
    await ours.node.operations.add_neighbour(hjo.log)
    await ours.node.operations.change_quota("neighbour", hjo.log, entries=3)
    await hjo.befriend(ours)
    for number in range(3):
        await hjo.publish(f"Exempel: {number}")
    await until_spent(ours, hjo.log_id)
    for number in range(3):
        await hjo.publish(f"Exempel: sedan {number}")
    await site.publish(title="Exempel: härifrån")
    await until_held(hjo, ours.log_id, await ours.head(ours.log_id))
    held = await ours.head(hjo.log_id)
    assert held < await hjo.head(hjo.log_id)
    await ours.stop()
    kept = await days_of(ours)
    assert kept[hjo.log_id].entries == held
    await ours.start()
    site = await site.signed_in(Role.OPERATOR)

    async def in_contact() -> bool:
        return f">{NeighbourState.AT_QUOTA}</span>" in await read(site, path)

    await until(in_contact, "the neighbour was in contact again and had brought its share")
    assert SHARE_SPENT in await read(site, path)
    assert await ours.head(hjo.log_id) == held
    assert "Hjo har lämnat så mycket som en granne får på ett dygn" in await alerts(site)
    assert "Kvoten är nådd. Inga fler inlägg hämtas från Hjo före" in await read(site, path + QUOTA)

    await ours.stop()
    monkeypatch.setattr(quota_store, "DAY_MS", 1)
    await ours.start()
    await until_equal([ours, hjo])


async def test_a_share_that_is_raised_lets_the_session_go_on(tmp_path: Path) -> None:
    """What one neighbour may not bring comes from another; what it alone has comes when a person
    gives it more."""
    async with nodes(tmp_path, "Skara kommun", "Hjo kommun", "Tibro kommun") as towns:
        skara, hjo, tibro = towns
        await hjo.befriend(tibro)
        for number in range(5):
            await tibro.publish(f"Exempel: {number}")
        await until_equal([hjo, tibro])
        for log in (hjo.log, tibro.log):
            await skara.node.operations.add_neighbour(log)
        await skara.node.operations.change_quota("neighbour", hjo.log, entries=1)
        await skara.befriend(hjo)
        await until_spent(skara, hjo.log_id)
        await skara.befriend(tibro)
        await until_held(skara, tibro.log_id, await tibro.head(tibro.log_id))
        found = await skara.node.operations.quotas(hjo.log)
        assert found.neighbour is not None
        assert found.neighbour.is_reached
        await skara.node.operations.change_quota("neighbour", hjo.log, entries=10_000)
        await until_equal([skara, hjo, tibro])


async def test_a_day_that_ends_while_the_node_runs_begins_the_session_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to do anything when the day is over."""
    async with nodes(tmp_path, "Skara kommun", "Hjo kommun") as (skara, hjo):
        for number in range(5):
            await hjo.publish(f"Exempel: {number}")
        await skara.node.operations.add_neighbour(hjo.log)
        await skara.node.operations.change_quota("neighbour", hjo.log, entries=1)
        await skara.befriend(hjo)
        await until_spent(skara, hjo.log_id)
        await hjo.publish("Exempel: till")
        monkeypatch.setattr(quota_store, "DAY_MS", 1)
        await until_equal([skara, hjo])


async def days_of(node: TestNode) -> dict[bytes, Day]:
    """What is kept of what neighbours brought to a node that does not run."""
    async with open_node(node.settings) as opened:
        return await opened.quota_store.days()


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"log-inlagg": "", "log-mb": "5"}, "Skriv ett heltal, minst 1"),
        ({"log-inlagg": "0", "log-mb": "5"}, "Skriv ett heltal, minst 1"),
        ({"log-inlagg": "-3", "log-mb": "5"}, "Skriv ett heltal, minst 1"),
        ({"log-inlagg": "5", "log-mb": "1e3"}, "Skriv ett heltal, minst 1"),
        ({"log-inlagg": "5", "log-mb": "9" * 15}, "Talet är för stort"),
        ({"log-inlagg": "5", "log-mb": "5", "log-skal": "x" * 501}, "Skälet är för långt"),
        ({"vad": "blockera", "skal": " "}, "Skriv varför ni blockerar"),
    ],
)
async def test_what_is_typed_wrong_is_said_and_kept(
    site: Site, typed: dict[str, str], fault: str
) -> None:
    """Nothing changes, the fault stands at its field, and what was typed is still there."""
    maker = LogMaker(4, code="1497", name="Hjo kommun")
    await site.receive(maker)
    answer = await site.post(f"/grannar/{maker.log.hex()}/kvot", {"vad": "log"} | typed)

    assert answer.status == 422
    assert_sound(answer)
    assert fault in answer.text
    assert all(f'value="{text}"' in answer.text for name, text in typed.items() if name != "vad")
    found = await site.served.node.operations.quotas(maker.log.hex())
    assert not found.kept.is_changed
    assert site.served.node.directory.accepts(maker.log)


async def test_the_page_of_a_member_that_is_no_neighbour(site: Site) -> None:
    """Its log has a quota and there is nothing about a neighbour; it can be set back, and the
    municipality be blocked. Nobody else may look, and our own log has no such page."""
    maker = LogMaker(4, code="1497", name="Hjo kommun")
    await site.receive(maker)
    path = f"/grannar/{maker.log.hex()}/kvot"
    page = await read(site, path)
    assert "Kvoter för Hjo" in page
    assert "lämnar som granne" not in page
    await site.post(path, {"vad": "log", "log-inlagg": "1", "log-mb": "9", "log-skal": ""})
    network = await read(site, "/natverk")
    assert f">{NeighbourState.AT_QUOTA}</span>" in network
    assert f'href="{path}"' in network
    assert "Den vanliga är 500 000 inlägg och 1,0 GB." in (await read(site, path)).replace(
        "\xa0", " "
    )
    answer = await site.post(path, {"vad": "log", "standard": "ja"})
    assert answer.location == f"{path}?klart=kvot-standard"
    assert site.served.node.directory.ceilings == {}
    assert (await site.post(path, {"vad": "neighbour", "standard": "ja"})).status == 400
    assert (await site.get(f"/grannar/{site.served.log}/kvot")).status == 404
    assert (await site.get(f"/grannar/{'ef' * 32}/kvot")).status == 404
    editor = await site.signed_in(Role.EDITOR)
    assert (await editor.get(path)).status == 403
    assert path not in await read(editor, "/natverk")

    answer = await site.post(path, {"vad": "blockera", "skal": "Exempel: för mycket"})
    assert answer.location == "/grannar?klart=aldrig"
    assert not site.served.node.directory.accepts(maker.log)


async def test_a_quota_is_a_whole_number_of_something(site: Site) -> None:
    """Whoever asks over the socket is told what a quota can be."""
    maker = LogMaker(4, code="1497", name="Hjo kommun")
    await site.receive(maker)
    wrong: list[dict[str, Any]] = [
        {"kind": "log"},
        {"kind": "log", "entries": 0},
        {"kind": "log", "entries": True},
        {"kind": "log", "entries": 2.5},
        {"kind": "log", "megabytes": 10**10},
        {"kind": "village", "entries": 5},
        {"kind": "neighbour", "entries": 5},
    ]
    for arguments in wrong:
        with pytest.raises(ArgumentError):
            await site.served.node.operations.change_quota(log=maker.log.hex(), **arguments)


def test_quotas_on_the_command_line(tmp_path: Path) -> None:
    """Shown, changed with a reason, and set back, for a log and for a neighbour."""
    folder, log = tmp_path / "nod", "ab" * 32
    document("--data", folder, "init", "--code", "1498")
    document("--data", folder, "peer", "add", "--inbound", "--log", log, "--name", "Hjo kommun")
    tidan = ("--data", folder)
    shown = run(*tidan, "peer", "quota", log[:8]).stdout
    assert "5000000" in shown
    assert "THIS DAY" in shown
    changed = document(*tidan, "peer", "quota", log, "--entries", "7", "--reason", "Exempel")
    assert changed["neighbour"]["entries_max"] == 7
    assert changed["neighbour"]["bytes_max"] == 10_000_000_000
    assert document(*tidan, "member", "quota", log, "--megabytes", "3")["kept"]["bytes_max"] == 3e6
    assert "the settings say 500000 / 1000 MB" in run(*tidan, "member", "quota", log).stdout
    (line,) = document(*tidan, "audit", "list", "--what", "neighbour quota")
    assert line["detail"] == "7 / 10000 MB: Exempel"
    for group in ("peer", "member"):
        document(*tidan, group, "quota", log, "--default")

    async def ceilings() -> dict[bytes, int]:
        async with open_node(load_settings(data=folder, log_level="error")) as node:
            return node.directory.ceilings

    assert asyncio.run(ceilings()) == {}
    for wrong in (["--entries", "0"], ["--default", "--entries", "3"], ["--reason", "x"]):
        assert run(*tidan, "peer", "quota", log, *wrong).exit_code in (1, 2)
