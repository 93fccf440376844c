"""Who has done what: searched and saved, by operators and by who looks after the federation."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from command_line import document, run
from factories import LogMaker
from protocol.directory import Standing
from storage.account_views import Role
from web_site import Site, assert_sound, open_site

HJO = LogMaker(2, code="1497", name="Hjo kommun")
PAGE = "/anvandare/handelser"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node on which people have decided things."""
    async with open_site(tmp_path) as opened:
        await opened.receive(HJO)
        node = opened.served.node
        await node.standings.decide(HJO.log, Standing.BLOCKED, "=Fel avsändare", "operator.exempel")
        await opened.publish(title="Exempel: en text")
        await node.audit.record("operator.exempel", "user role", "eva", "reader", 86_400_000)
        yield opened


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("om=hjo", "blockerade kommun", "bytte roll"),
        ("om=1497", "blockerade kommun", "bytte roll"),
        ("om=eva", "bytte roll", "blockerade kommun"),
        ("ord=AVS%C3%84NDARE", "blockerade kommun", "bytte roll"),
        ("vad=user+role", "bytte roll", "blockerade kommun"),
        ("vem=operator.exempel&vad=member+blocked", "blockerade kommun", "bytte roll"),
        ("till=1970-01-02", "bytte roll", "blockerade kommun"),
        ("fran=2020-01-01", "blockerade kommun", "bytte roll"),
    ],
)
async def test_the_list_is_narrowed(site: Site, query: str, there: str, absent: str) -> None:
    """By whom, what, about whom, day and words; what was typed stays in the form."""
    page = await site.get(f"{PAGE}?{query}")
    assert_sound(page)
    listed = page.text.partition('<ol class="rows events">')[2].partition("</ol>")[0].lower()

    assert there in listed
    assert absent not in listed
    assert f"{PAGE}.csv?{query}" in page.text.replace("&amp;", "&")


async def test_a_search_in_vain_and_a_wrong_day_are_told(site: Site) -> None:
    """What to do next, and what is wrong at its field."""
    assert "Inget stämmer med det" in (await site.get(f"{PAGE}?om=finns+inte")).text
    wrong = await site.get(f"{PAGE}?fran=i+g%C3%A5r")
    assert wrong.status == 422
    assert "Skriv en dag som" in wrong.text
    assert (await site.get(f"{PAGE}.csv?fran=x")).status == 400
    assert (await site.get(f"{PAGE}?fore=x&vem=%00&vad=%27&om=%25")).status == 200


async def test_pages_of_a_search_go_on(site: Site) -> None:
    """Older lines of the same search."""
    for number in range(60):
        await site.served.node.audit.record("policy", "member member", "x", str(number), 1)
    first = await site.get(f"{PAGE}?vem=policy")
    older = first.text.partition(f"{PAGE}?vem=policy&amp;fore=")[2].partition('"')[0]
    rest = await site.get(f"{PAGE}?vem=policy&fore={older}")
    assert first.text.count("<li>\n    <p><strong>") == 50
    assert rest.text.count("<li>\n    <p><strong>") == 10


async def test_all_of_a_search_is_saved(site: Site) -> None:
    """As CSV without a formula, and as one JSON document a line; names beside ids."""
    _, data = await site.download(f"{PAGE}.csv?om=hjo&vad=member+blocked")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert row["detalj"] == "'=Fel avsändare"
    assert (row["om"], row["om_namn"]) == (HJO.log.hex(), "Hjo kommun")
    assert (row["händelse"], row["i_ord"]) == ("member blocked", "Blockerade kommun")
    answer, data = await site.download(f"{PAGE}.jsonl")
    lines = [json.loads(line) for line in data.splitlines()]
    assert answer.headers["Content-Type"].startswith("application/jsonl")
    assert len(lines) == len(await site.served.node.audit.newest(1_000))
    assert {line["action"] for line in lines} >= {"member blocked", "user role"}
    assert lines[-1]["number"] < lines[0]["number"]


async def test_who_looks_after_the_federation_sees_what_concerns_it(site: Site) -> None:
    """Decisions about municipalities and neighbours, on the page and in files, and nothing of
    colleagues, whatever is asked for; an editor sees nothing.
    """
    admin = await site.signed_in(Role.FEDERATION_ADMIN)
    page = await admin.get(PAGE)
    assert_sound(page)
    assert "blockerade kommun" in page.text
    for path in (PAGE, f"{PAGE}?vad=user+role", f"{PAGE}.csv", f"{PAGE}.jsonl?om=eva"):
        assert "eva" not in (await admin.get(path)).text
    editor = await site.signed_in(Role.EDITOR)
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}.jsonl"):
        assert (await editor.get(path)).status == 403


def test_the_command_lists_and_exports(tmp_path: Path) -> None:
    """The same lines for people, for spreadsheets and for programs."""
    data = tmp_path / "nod"
    document("--data", data, "init", "--code", "1498")
    log = "cd" * 32
    decisions = tmp_path / "beslut.csv"
    decisions.write_text(f"id,beslut,skäl\n{log},blockerad,=1+1\n")
    document("--data", data, "member", "import", decisions)
    (line,) = document("--data", data, "audit", "list", "--what", "member blocked")
    assert (line["actor"], line["subject"], line["detail"]) == ("admin", log, "=1+1")
    assert "member blocked" in run("--data", data, "audit", "list", "--about", log[:8]).stdout
    exported = run("--data", data, "audit", "export", "--text", "1+1").stdout_bytes
    assert "'=1+1" in exported.decode("utf-8-sig")
    lines = run("--data", data, "audit", "export", "--format", "jsonl").stdout.splitlines()
    assert json.loads(lines[0])["action"] == "member blocked"
    wrong = run("--data", data, "audit", "list", "--since", "igår")
    assert wrong.exit_code == 1
    assert "2026-11-26" in wrong.stderr
