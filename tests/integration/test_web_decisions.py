"""Decisions about municipalities as a file: saved, looked at, carried out; page and command."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from command_line import document, run
from factories import LogMaker
from protocol.directory import Standing
from storage.account_views import Role
from web_site import Answer, Site, assert_sound, open_site

HJO = LogMaker(2, code="1497", name="Hjo kommun")
NEW = "cd" * 32


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that has Hjo as a member."""
    async with open_site(tmp_path) as opened:
        await opened.receive(HJO)
        yield opened


def hidden(answer: Answer) -> list[tuple[str, str]]:
    """What the button on the page sends."""
    return re.findall(r'name="(fil|sigill)" value="([^"]+)"', answer.text)


async def look(site: Site, text: str) -> Answer:
    """Bring a file."""
    return await site.upload("/grannar/beslut", {}, ("beslut.csv", text.encode()))


async def standing(site: Site, log: str) -> str:
    """What is decided about a log."""
    found = [one for one in await site.served.node.operations.members() if one.log == log]
    return found[0].standing if found else ""


async def test_nothing_is_done_before_it_was_seen(site: Site) -> None:
    """The page shows each change and what is skipped; the button does exactly that, in one's own
    name.
    """
    text = (
        f"id,beslut,skäl,anteckning\n{HJO.log.hex()},blockerad,Fel avsändare,Ring oss\n"
        f"{NEW},inte nu,,\nx,medlem,,\n"
    )
    looked = await look(site, text)
    assert_sound(looked)
    for words in ("2\N{NO-BREAK SPACE}ändringar. Inget är gjort än", "Hjo", "Fel avsändare",
                  "Ring oss", "1\N{NO-BREAK SPACE}rad hoppas över", "Rad 4"):  # fmt: skip
        assert words in looked.text
    assert await standing(site, HJO.log.hex()) == "member"
    done = await site.post("/grannar/beslut/genomfor", hidden(looked))
    assert done.location == "/grannar/beslut?klart=beslut-genomforda"
    assert await standing(site, HJO.log.hex()) == "blocked"
    assert await standing(site, NEW) == "ignored"
    line = (await site.served.node.audit.newest(2))[1]
    assert (line.actor, line.action) == ("operator.exempel", "member blocked")
    assert line.detail == "Fel avsändare / Ring oss"


async def test_what_has_changed_meanwhile_is_shown_again(site: Site) -> None:
    """What would happen must be what was seen; without a seal nothing does."""
    looked = await look(site, f"id,beslut\n{HJO.log.hex()},inte nu\n")
    await site.served.node.standings.decide(HJO.log, Standing.BLOCKED, "Exempel")
    again = await site.post("/grannar/beslut/genomfor", hidden(looked))
    assert again.status == 422
    assert "Något har ändrats" in again.text
    assert await standing(site, HJO.log.hex()) == "blocked"
    unsealed = [pair for pair in hidden(again) if pair[0] == "fil"]
    assert (await site.post("/grannar/beslut/genomfor", unsealed)).status == 422
    assert (await site.post("/grannar/beslut/genomfor", hidden(again))).status == 303
    assert await standing(site, HJO.log.hex()) == "ignored"


async def test_a_file_that_was_saved_changes_nothing(site: Site) -> None:
    """What goes out comes back; the file is a download."""
    await site.served.node.operations.decide_member("block", HJO.log.hex(), "=Exempel", "Not")
    answer, data = await site.download("/grannar/beslut.csv")
    assert 'filename="beslut.csv"' in answer.headers["Content-Disposition"]
    assert "'=Exempel" in data.decode()
    looked = await look(site, data.decode("utf-8-sig"))
    assert "Filen ändrar ingenting" in looked.text
    assert hidden(looked) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Välj en fil"),
        (b"skal\nx\n", "saknar någon av kolumnerna"),
        (b"PK\x03\x04" + b"x" * 50, "inte att läsa som en tabell"),
        (b"x" * 300_001, "för stor"),
    ],
)
async def test_what_is_no_such_file_is_told(site: Site, data: bytes, words: str) -> None:
    """Nothing, no columns, a workbook, too much."""
    answer = await site.upload("/grannar/beslut", {}, ("beslut.csv", data))

    assert answer.status == 422
    assert words in answer.text
    assert answer.title.startswith("Fel:")


async def test_odd_forms_change_nothing(site: Site) -> None:
    """A form that no page of ours made."""
    for fields in ([("fil", "x")], [("fil", "eA==")], []):
        answer = await site.post("/grannar/beslut/genomfor", fields)
        assert answer.status in (400, 422)


async def test_only_who_decides_may(site: Site) -> None:
    """An editor gets neither the page nor the file nor the act."""
    editor = await site.signed_in(Role.EDITOR)
    for path in ("/grannar/beslut", "/grannar/beslut.csv"):
        assert (await editor.get(path)).status == 403
    assert (await editor.post("/grannar/beslut/genomfor", [])).status == 403
    assert (await look(editor, f"id,beslut\n{NEW},inte nu\n")).status == 403


async def test_a_note_is_for_everybody_and_a_reason_is_not(site: Site) -> None:
    """The form at a municipality asks for both; the public page of municipalities shows one."""
    await site.served.node.standings.decide(HJO.log, Standing.INTRODUCED, "")
    fields = {"beslut": "aldrig", "skal": "Hemligt skäl", "anteckning": "Ring oss"}
    assert (await site.post(f"/grannar/{HJO.log.hex()}/beslut", fields)).status == 303
    shown = (await site.signed_out().get("/kommuner")).text
    assert "Tas inte emot av Tidaholm" in shown
    assert "Hjo: Ring oss" in shown
    assert "Hemligt skäl" not in shown
    assert "Hemligt skäl" in (await site.get("/grannar")).text
    await site.served.node.operations.decide_member("accept", HJO.log.hex())
    assert "Ring oss" not in (await site.signed_out().get("/kommuner")).text


def test_the_command_does_the_same(tmp_path: Path) -> None:
    """A dry run changes nothing and tells; exit code 1 when a row cannot be understood."""
    data, file = tmp_path / "nod", tmp_path / "beslut.csv"
    document("--data", data, "init", "--code", "1498")
    file.write_text(f"id,beslut,skäl,kommun\n{NEW},blockerad,Exempel,Skara\n{NEW},medlem,,\n")
    dry = run("--data", data, "member", "import", "--dry-run", file)
    assert (dry.exit_code, "1 would change" in dry.stdout) == (1, True)
    assert "Row 3 changes nothing: the same id stands further up." in dry.stdout
    assert document("--data", data, "member", "list")[-1]["log"] != NEW
    file.write_text(f"id,beslut,skäl,anteckning\n{NEW},blockerad,Exempel,Not\n")
    assert document("--data", data, "member", "import", file)["changed"] == 1
    found = run("--data", data, "member", "export").stdout_bytes.decode("utf-8-sig")
    assert f"{NEW},,,blockerad,Exempel,Not," in found
    again = document("--data", data, "member", "import", file)
    assert (again["changed"], again["done"]) == (0, True)
    wrong = run("--data", data, "member", "import", _write(tmp_path, "skäl\nx\n"))
    assert wrong.exit_code == 1
    assert "column 'id' is missing" in wrong.stderr


def _write(folder: Path, text: str) -> Path:
    path = folder / "fel.csv"
    path.write_text(text)
    return path
