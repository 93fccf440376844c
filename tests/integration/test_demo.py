"""The demo: sample records are sound, borders are real, and what runs goes on where it stopped."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from node.config import Settings
from node.demo.demo import EXAMPLE_ACCOUNT, Demo, open_demo
from node.demo.places import borders_among, taking_part
from node.demo.samples import Sample, all_samples
from node.demo.seeding import DAY_MS, DemoClock, plans, seed, times_ms
from node.errors import ArgumentError
from node.municipal import borders, municipalities, taxonomy
from node.process.bootstrap import open_node
from node.process.initialise import create_node
from node_factories import WAIT_SECONDS_MAX
from protocol import strict_json
from protocol.content import Experience, read_content
from protocol.directory import Standing
from storage.database import Database
from storage.errors import FolderLockedError
from storage.record_views import RecordFilter
from storage.settings_store import SettingsStore
from storage_factories import whole_log
from tests.free_ports import free_ports
from web_site import SAME_ORIGIN, open_site

NODES = 3
SOME_ID = "a" * 64


def resolved(sample: Sample) -> bytes:
    """The content of a sample with made-up ids for what it speaks of."""
    return strict_json.dumps(sample.resolved(dict.fromkeys(sample.needs, SOME_ID)))


def experiences() -> Iterator[tuple[Sample, Experience]]:
    """All sample records in their first version, read as any node reads them."""
    for sample in all_samples():
        if sample.kind == "experience" and "replaces" not in sample.content:
            content = read_content(sample.kind, resolved(sample))
            assert isinstance(content, Experience)
            yield sample, content


@pytest.fixture
def base_port() -> int:
    """The first of NODES free ports in a row."""
    return free_ports(NODES)


async def converged(demo: Demo) -> None:
    """Wait until all nodes hold the same."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        await demo.converged()


def heads(demo: Demo) -> dict[str, list[tuple[bytes, int, bytes]]]:
    """What each node holds, by kommunkod."""
    return {code: list(node.directory.items()) for code, node in demo.nodes.items()}


async def test_the_demo_converges_serves_and_continues(tmp_path: Path, base_port: int) -> None:
    """Three nodes come to hold the same; a restart seeds nothing and loses nothing."""
    async with open_demo(tmp_path, NODES, base_port) as demo:
        await converged(demo)
        logs = {node.own_log for node in demo.nodes.values()}
        assert all({log for log, *_ in items} == logs for items in heads(demo).values())
        await every_record_is_shown(demo)
        node = demo.nodes["1498"]
        await node.operations.publish("interest", await an_interest(demo))
        await converged(demo)
        before, records = heads(demo), (await node.operations.status()).records
        assert len({str(items) for items in before.values()}) == 1

    async with open_demo(tmp_path, NODES, base_port) as demo:
        await converged(demo)
        assert heads(demo) == before
        assert (await demo.nodes["1498"].operations.status()).records == records


async def an_interest(demo: Demo) -> dict[str, object]:
    """An interest in a record of another municipality."""
    page = await demo.nodes["1498"].queries.list_records(RecordFilter(municipality="1497"))
    return {"schema": 1, "record": page.rows[0].record_id.hex(), "interest": "planerar"}


async def every_record_is_shown(demo: Demo) -> None:
    """Each sample record of the three is in the list of each node, and its page answers."""
    codes = set(demo.nodes)
    titles = {content.title for sample, content in experiences() if sample.code in codes}
    async with aiohttp.ClientSession() as session:
        for code, node in demo.nodes.items():
            page = await node.queries.list_records(RecordFilter(page_size=100))
            assert {row.title for row in page.rows} == titles
            async with session.get(demo.addresses[code]) as response:
                assert response.status == 200
            for row in page.rows[:3]:
                url = f"{demo.addresses[code]}/erfarenheter/{row.record_id.hex()}"
                async with session.get(url) as response:
                    assert response.status == 200
                    assert row.title in await response.text()


async def test_a_removed_neighbour_stays_removed(tmp_path: Path, base_port: int) -> None:
    """What a person decided in the demo is not undone by the next start."""
    async with open_demo(tmp_path, 2, base_port) as demo:
        tidaholm, hjo = demo.nodes.values()
        await converged(demo)
        await tidaholm.operations.remove_neighbour(hjo.own_log.hex())
        await tidaholm.operations.decide_member("ignore", hjo.own_log.hex())

    async with open_demo(tmp_path, 2, base_port) as demo:
        tidaholm, hjo = demo.nodes.values()
        assert await tidaholm.neighbours.all() == []
        view = tidaholm.directory.get(hjo.own_log)
        assert view is not None
        assert view.standing is Standing.IGNORED


async def test_growing_the_demo_seeds_only_the_new_ones(tmp_path: Path, base_port: int) -> None:
    """A demo that grows keeps the old logs, and all of it converges."""
    async with open_demo(tmp_path, 1, base_port) as demo:
        alone = demo.nodes["1498"]
        sequence = demo.entries

    async with open_demo(tmp_path, NODES, base_port) as demo:
        await converged(demo)
        kinds = [
            envelope.entry.header.kind
            for envelope in await whole_log(demo.nodes["1498"].log_store, alone.own_log)
        ]
        assert demo.nodes["1498"].own_log == alone.own_log
        assert Counter(kinds[sequence:]) <= Counter(introduction=2)


async def test_seeding_that_was_interrupted_goes_on_where_it_was(
    tmp_path: Path, base_port: int
) -> None:
    """However often seeding is cut off, each sample is published once and in order."""
    clock, settings = DemoClock(), Settings(data=tmp_path / "node", port=base_port)
    await create_node(settings, code="1498", name="Tidaholms kommun", clock=clock)
    published, cuts = 1, 0
    while published:
        async with open_node(settings, clock=clock) as node:
            seeding = asyncio.create_task(seed({"1498": node}, clock, all_samples()))
            committed = Counter[str]()

            def cut(
                _change: object,
                seeding: asyncio.Task[int] = seeding,
                committed: Counter[str] = committed,
            ) -> None:
                committed["entries"] += 1
                if committed["entries"] == 3:
                    seeding.cancel()

            node.ingest.listeners.append(cut)
            await asyncio.wait([seeding])
            cuts += seeding.cancelled()
            published = committed["entries"]
    async with open_node(settings) as node:
        plan = (await plans({"1498": node.facts}, ()))["1498"]
        titles = [
            json.loads(envelope.body.content)["title"]
            for envelope in await whole_log(node.log_store, node.own_log)
            if envelope.body and envelope.entry.header.kind == "experience"
        ]
        by_key = {sample.key: sample for sample in all_samples()}
        wanted = [by_key[key].content for key in plan if by_key[key].kind == "experience"]
        assert titles == [content["title"] for content in wanted]
        assert cuts >= len(plan) // 3 - 1


async def test_a_second_demo_on_the_same_folder_is_refused(tmp_path: Path, base_port: int) -> None:
    """Two demos never share a folder, and a set-up that was cut off is made anew."""
    half_made = tmp_path / "1498-tidaholm"
    half_made.mkdir()
    (half_made / "signing.key").write_bytes(bytes(32))
    async with open_demo(tmp_path, 1, base_port) as demo:
        assert list(demo.nodes) == ["1498"]
        with pytest.raises(FolderLockedError):
            async with open_demo(tmp_path, 1, base_port + 1):
                pass


async def test_a_plan_names_only_what_it_can_refer_to(tmp_path: Path) -> None:
    """Responses to municipalities outside the demo are left out, and a stored plan stays."""
    database = await Database.open(str(tmp_path))
    try:
        stored = {"1498": SettingsStore(database)}
        first = await plans(stored, all_samples())
        by_key = {sample.key: sample for sample in all_samples()}
        keys = first["1498"]
        assert all(by_key[key].code == "1498" for key in keys)
        assert all(by_key[key].needs <= set(keys) for key in keys)
        assert await plans(stored, ()) == first
    finally:
        await database.close()


def test_all_fifteen_are_connected_along_real_borders() -> None:
    """However many take part, each is reached from Tidaholm over land borders alone."""
    for count in range(1, 16):
        codes = tuple(item.code for item in taking_part(count))
        pairs = borders_among(codes)
        assert all(second in borders.neighbours_of(first) for first, second in pairs)
        reached = {codes[0]}
        for _ in codes:
            reached |= {code for pair in pairs if reached & set(pair) for code in pair}
        assert reached == set(codes)
    assert set(codes) == {item.code for item in municipalities.skaraborg()}


def test_growing_keeps_the_order_and_begins_by_the_river() -> None:
    """The first four are Tidaholm, Hjo, Skövde and Falköping, and ports do not move."""
    everyone = taking_part(15)
    assert [item.name for item in everyone[:4]] == ["Tidaholm", "Hjo", "Skövde", "Falköping"]
    assert all(taking_part(count) == everyone[:count] for count in range(1, 16))
    with pytest.raises(ArgumentError, match="1 to 15"):
        taking_part(16)


def test_every_sample_can_be_read_and_comes_after_what_it_needs() -> None:
    """Each sample passes the strict reader, and refers only to older samples."""
    seen: set[str] = set()
    for sample in all_samples():
        assert sample.needs <= seen
        assert sample.key not in seen
        seen.add(sample.key)
        read_content(sample.kind, resolved(sample))


def test_every_sample_record_is_a_whole_example() -> None:
    """Each is marked as an example, is long enough to be useful, and names a role alone."""
    for sample, content in experiences():
        assert content.example
        assert taxonomy.find(content.area), sample.key
        assert content.summary.endswith((".", "?")), sample.key
        assert content.contact.email, sample.key
        assert content.contact.email.endswith(".example")
        assert content.situation, sample.key
        if content.type in ("erfarenhet", "losning", "upphandling"):
            assert content.actions, sample.key
            assert content.results, sample.key
            assert content.lessons_well, sample.key
            assert re.search(r"\d", content.results), sample.key
        if content.status == "avbrutet":
            assert content.lessons_change, sample.key
            assert content.advice, sample.key
        assert all("exempel" in p.supplier or "Eget" in p.supplier or "Öppen" in p.supplier
                   for p in content.products if p.supplier), sample.key  # fmt: skip


def test_samples_cover_the_field() -> None:
    """At least 60 records from all 15 municipalities, in all areas, types and statuses."""
    found = list(experiences())
    assert len(found) >= 60
    assert {sample.code for sample, _ in found} == {
        item.code for item in municipalities.skaraborg()
    }
    areas = {content.area.partition(".")[0] for _, content in found}
    assert areas == {area.id for area in taxonomy.areas()}
    types = Counter(content.type for _, content in found)
    assert set(types) == {"erfarenhet", "fraga", "samverkan", "losning", "omvarld", "upphandling"}
    statuses = Counter(content.status for _, content in found)
    assert set(statuses) == {"ide", "pilot", "drift", "avslutat", "avbrutet"}
    assert statuses["avbrutet"] >= 5
    assert sum(content.collaboration_open for _, content in found) >= 10


def test_samples_hold_nobodys_address_or_number() -> None:
    """No sample has a personal number, a telephone number or a mail address of a real domain."""
    for sample in all_samples():
        text = resolved(sample).decode().replace(SOME_ID, "")
        assert not re.search(r"\b\d{6}[-+]\d{4}\b|\b0\d{1,3}[- ]\d{5,}", text), sample.key
        addresses = re.findall(r"[\w.+-]+@[\w.-]+\w", text)
        assert all(address.endswith(".example") for address in addresses), sample.key


def test_samples_are_spread_over_the_year_and_never_ahead() -> None:
    """Times follow the order of the samples, reach a year back, and none is in the future."""
    now_ms = 1_795_000_000_000
    times = [times_ms(all_samples(), now_ms)[sample.key] for sample in all_samples()]
    assert times == sorted(times)
    assert times[-1] < now_ms
    assert now_ms - times[0] > 360 * DAY_MS


async def test_anybody_may_sign_in_to_a_demo_and_to_no_real_node(
    tmp_path: Path, base_port: int
) -> None:
    """The demo offers its account on the page, marked as an example; a node of one's own does not,
    and a second start finds the account as it was left."""
    jar = aiohttp.CookieJar(unsafe=True)
    for _ in range(2):
        async with open_demo(tmp_path / "demo", 1, base_port) as demo:
            (address,) = demo.addresses.values()
            async with aiohttp.ClientSession(address, cookie_jar=jar) as browser:
                for path in ("/", "/logga-in"):
                    async with browser.get(path) as response:
                        assert "Exempel" in await response.text()
                sent = {"namn": EXAMPLE_ACCOUNT.name, "losenord": EXAMPLE_ACCOUNT.password}
                async with browser.post("/logga-in", data=sent, headers=SAME_ORIGIN) as response:
                    assert EXAMPLE_ACCOUNT.full_name in await response.text()
                async with browser.get("/skriv", allow_redirects=False) as response:
                    assert response.status == 200
        jar.clear()
    async with open_site(tmp_path / "own") as site:
        public = site.signed_out()
        for path in ("/", "/logga-in"):
            assert EXAMPLE_ACCOUNT.full_name not in (await public.get(path)).text
        refused = await public.post("/logga-in", sent)
        assert refused.status == 422
