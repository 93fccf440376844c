"""Lists as files: all of a list and nothing else, in every form, however long it is."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tarfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from icalendar import Calendar

from content_factories import an_experience
from factories import LogMaker
from node.api.csv_export import HEADINGS
from node.api.export_pages import EXPORTS_AT_ONCE_MAX, RUNNING
from node.api.record_shapes import WholeRecord
from node.api.record_stream import batches
from node.importers import read_markdown
from node.process.server import application
from protocol.content import Withdraw
from protocol.content.experience import Cost, Product
from protocol.directory import Standing
from storage.account_views import Role
from storage.record_lists import PAGE_SIZE_MAX
from storage.record_views import MEMBERS, PUBLIC, RecordFilter
from storage_factories import spoil_run
from web_site import Site, open_site, with_hjo, write

FILES = ("export.csv", "export.jsonl", "export.tar.gz")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, and somebody who reads there."""
    async with open_site(tmp_path) as opened:
        yield await opened.signed_in(Role.READER)


async def table(site: Site, query: str = "") -> list[dict[str, str]]:
    """The CSV file, as a program that knows RFC 4180 reads it."""
    answer, data = await site.download(f"/erfarenheter/export.csv{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(HEADINGS)}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def records(site: Site, query: str = "") -> list[WholeRecord]:
    """The JSON Lines file; each line fits the schema of the API."""
    _, data = await site.download(f"/erfarenheter/export.jsonl{query}")
    return [WholeRecord.model_validate_json(line) for line in data.decode().splitlines()]


async def texts(site: Site, query: str = "") -> dict[str, str]:
    """The Markdown files by name."""
    _, data = await site.download(f"/erfarenheter/export.tar.gz{query}")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            one.name: (archive.extractfile(one) or io.BytesIO()).read().decode() for one in archive
        }


async def test_each_form_holds_the_list(site: Site) -> None:
    """A filter's list, its order and its texts, in all three forms."""
    own = await site.publish(
        title="Exempel: egen",
        situation='Rad ett.\n\n"Rad två"; och, så.',
        cost=Cost(one_off_sek=120_000),
        products=(Product(name="Lås", supplier="Exempelbolaget"),),
        tags=("lås", "nycklar"),
        area="aldre.hemtjanst",
    )
    foreign = await with_hjo(site, title="Exempel: från Hjo", area="aldre.hemtjanst")
    await site.publish(title="Exempel: annat", area="digital")
    query = "?amne=aldre&q=exempel"
    rows, whole, files = await table(site, query), await records(site, query), await texts(site)
    row = rows[0]

    assert [one["id"] for one in rows] == [own, foreign] == [one.id for one in whole]
    assert (row["titel"], row["läget"]) == ("Exempel: egen", 'Rad ett.\n\n"Rad två"; och, så.')
    assert (row["engångskostnad"], row["taggar"]) == ("120000", "lås; nycklar")
    assert (row["kommun"], row["områdets_namn"]) == ("Tidaholm", "Hemtjänst")
    assert row["produkter"] == "Lås (Exempelbolaget)"
    assert (await site.get(row["adress"].removeprefix(site.base))).status == 200
    assert whole[0].content is not None
    assert whole[0].content.situation == row["läget"]
    assert len(files) == 3
    name = next(name for name in files if own[:12] in name)
    again = read_markdown(files[name], name).experience
    assert again is not None
    assert again.model_dump() == whole[0].content.model_dump()


async def test_nothing_in_a_table_is_a_formula(site: Site) -> None:
    """What a spreadsheet would carry out comes as text, whoever wrote it."""
    for start in "=+-@":
        await site.publish(title=f'{start}HYPERLINK("http://exempel.se")', summary=f"{start}1+1")
    rows = await table(site)

    assert len(rows) == 4
    for row in rows:
        assert not [value for value in row.values() if value.startswith(tuple("=+-@\t\r"))]
        assert row["titel"].startswith("'")


async def test_who_gets_what(site: Site) -> None:
    """A file holds what whoever opens the link sees on the page, and never what is hidden."""
    await site.publish(title="Exempel: öppen")
    await with_hjo(site, title="Exempel: intern", visibility="federation")
    gone = await site.publish(title="Exempel: återkallad")
    withdraw = Withdraw(target=gone, reason="Fel.")
    await site.served.node.publisher.publish("withdraw", withdraw)
    public = site.signed_out()

    assert {row["titel"] for row in await table(site)} == {"Exempel: öppen", "Exempel: intern"}
    assert [row["titel"] for row in await table(public)] == ["Exempel: öppen"]
    assert [one.title for one in await records(public)] == ["Exempel: öppen"]
    assert len(await texts(public)) == 1
    hjo = LogMaker(2, code="1497", name="Hjo kommun").log
    await site.served.node.standings.decide(hjo, Standing.BLOCKED, "Exempel", "test")
    assert [row["titel"] for row in await table(site)] == ["Exempel: öppen"]


async def test_a_closed_node_gives_no_files_away(tmp_path: Path) -> None:
    """Where reading needs signing in, so do the files."""
    async with open_site(tmp_path, read_access="signed-in") as opened:
        for name in (*FILES, "datum.ics"):
            answer = await opened.signed_out().get(f"/erfarenheter/{name}")
            assert answer.status == 303, name
            assert answer.location.startswith("/logga-in")


async def test_a_long_list_comes_whole_and_in_parts(site: Site) -> None:
    """Memory holds one batch: a list of several is read batch by batch, each record once."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    count = 2 * PAGE_SIZE_MAX + 7
    for number in range(count):
        write(hjo, "experience", an_experience(title=f"Exempel {number}"))
    await site.receive(hjo)
    node, sizes = site.served.node, []
    async for batch in batches(node, RecordFilter(), MEMBERS):
        sizes.append(len(batch))
        assert all(one.content and one.content.title == one.row.title for one in batch)

    assert sizes == [PAGE_SIZE_MAX, PAGE_SIZE_MAX, 7]
    assert len({row["id"] for row in await table(site)}) == count
    assert len(await texts(site)) == count


async def test_records_that_come_meanwhile_double_none(site: Site) -> None:
    """What is published during an export pushes others on; those are told once."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    for number in range(PAGE_SIZE_MAX + 5):
        write(hjo, "experience", an_experience(title=f"Exempel {number}"))
    await site.receive(hjo)
    told: list[bytes] = []
    async for batch in batches(site.served.node, RecordFilter(), PUBLIC):
        told += [one.row.record_id for one in batch]
        if len(told) == PAGE_SIZE_MAX:
            await site.publish(title="Exempel: nyss")

    assert len(told) == len(set(told)) == PAGE_SIZE_MAX + 5


async def test_dates_make_a_calendar(site: Site) -> None:
    """Review, validity and the last day to call off are days of a calendar, under lasting ids."""
    products = (Product(name="Lås; två", call_off="ja", call_off_until="2031-03-31"),)
    record = await site.publish(
        title="Exempel: egen",
        review_date="2031-01-02",
        valid_until="9999-12-31",
        products=products,
    )
    await site.publish(title="Exempel: förr", review_date="2001-01-01")
    await with_hjo(site, title="Exempel: intern", review_date="2031-05-05", visibility="federation")
    answer, data = await site.download("/erfarenheter/datum.ics")
    token = await site.served.node.following.make_feed_key(
        (await site.served.node.accounts.users())[-1]
    )
    _, personal = await site.download(f"/flode/{token}/erfarenheter/datum.ics")
    calendar = Calendar.from_ical(data)
    found = {str(event["UID"]): event for event in calendar.walk("VEVENT")}

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert {uid.removesuffix("@tidan") for uid in found} == {
        f"{record}-review",
        f"{record}-valid",
        f"{record}-call-off-0",
    }
    event = found[f"{record}-call-off-0@tidan"]
    assert event.decoded("DTSTART") == date(2031, 3, 31)
    assert str(event["SUMMARY"]) == "Sista dag att avropa Lås; två: Exempel: egen"
    assert (await site.get(str(event["URL"]).removeprefix(site.base))).status == 200
    assert len(Calendar.from_ical(personal).walk("VEVENT")) == 4


async def test_the_list_links_to_its_files(site: Site) -> None:
    """The links on a list keep its filters, and lead to files of the same records."""
    await site.publish(title="Exempel: egen", area="aldre.hemtjanst")
    page = (await site.get("/erfarenheter?amne=aldre&q=egen&sida=1")).text
    links = re.findall(r'href="(/erfarenheter/(?:export|datum)\.[^"]+)"', page)

    assert len(links) == len(FILES) + 1
    for link in links:
        assert link.endswith("?q=egen&amp;amne=aldre")
        assert (await site.download(link.replace("&amp;", "&")))[0].status == 200


async def test_a_file_that_breaks_off_is_not_taken_for_whole(site: Site) -> None:
    """When the disk has changed a text, the connection is cut instead of the file being ended."""
    await site.publish(title="Exempel: egen")
    stored = site.served.node.queries._database, site.served.log_id, await site.own_sequence()
    await spoil_run(*stored)
    with pytest.raises(Exception, match=r"payload|closed|disconnect|Response"):
        await site.download("/erfarenheter/export.csv")
    await spoil_run(*stored)  # the same bit once more

    assert "export broke off" in site.served.log_lines.getvalue()
    assert len(await table(site)) == 1


async def test_only_so_many_at_a_time(site: Site) -> None:
    """Whoever comes when enough are running is told to come again, and may when one has ended."""
    app = application(site.served.node, None)
    async with TestServer(app, host="127.0.0.1") as server:
        there = site.at(str(server.make_url("")).rstrip("/"))
        for _ in range(EXPORTS_AT_ONCE_MAX):
            await app[RUNNING].acquire()
        refused = await there.get("/erfarenheter/export.csv")
        app[RUNNING].release()
        taken = await there.get("/erfarenheter/export.csv")

    assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
    assert taken.status == 200


async def test_head_tells_without_reading(site: Site) -> None:
    """HEAD gives the headers of the file and no file."""
    url = f"{site.base}/erfarenheter/export.csv"
    async with site._session.head(url) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/csv"
        assert await answer.read() == b""


async def test_the_archive_is_one_stream(site: Site) -> None:
    """What comes is one gzip member that ends as tar files end."""
    await site.publish(title="Exempel: egen")
    _, data = await site.download("/erfarenheter/export.tar.gz")
    whole = gzip.decompress(data)

    assert whole.endswith(bytes(1024))
    assert len(whole) % 512 == 0
    assert json.dumps(sorted(await texts(site)))
