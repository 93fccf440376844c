"""`tidan import csv`, and what all imports share: shown first, tried dry, gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from command_line import document, run
from node.operations.drafts import Written
from node.process.asking import run_in_parts, run_verb
from node.process.bootstrap import open_node
from node_factories import TestNode
from protocol.errors import TidanError
from storage.account_views import Role
from storage.database import Database
from storage.import_schema import import_marks
from web_site import user_with

TABLE = "Vad;Beskrivning;Område;Dnr\nExempel: a;Text å;Bibliotek;7\nExempel: b;Text;Okänt;8\n"
TITLED = ("--column", "Vad=title")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a new node."""
    folder = tmp_path / "nod"
    document("--data", folder, "init", "--code", "1498")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table with a good row and a bad one, as an older program saves it."""
    path = tmp_path / "projekt.csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


def outcomes(imported: dict[str, Any]) -> list[str]:
    """What became of each file or row, in order."""
    return [item["outcome"] for item in imported["files"]]


def test_the_columns_are_shown_before_anything_is_written(data: Path, file: Path) -> None:
    """How the file is read and what each column becomes is told; without --yes nothing follows."""
    first = run("--data", data, "import", "csv", file)
    asked = run("--data", data, "import", "csv", *TITLED, file)

    assert first.exit_code == 1
    assert "no column is the title" in first.stderr
    assert asked.exit_code == 1
    assert "Read as Windows-1252 with semicolon: 2 rows." in asked.stdout
    assert "Beskrivning  situation" in " ".join(asked.stdout.split("\n"))
    assert "add --yes" in asked.stderr
    assert document("--data", data, "status")["sequence"] == 1


def test_rows_are_imported_and_bad_ones_told(data: Path, file: Path) -> None:
    """The good row is published, the bad one has its number and advice; again changes nothing."""
    done = run("--data", data, "import", "csv", *TITLED, "--yes", file)
    again = document("--data", data, "import", "csv", *TITLED, file)
    file.write_bytes(TABLE.replace("Okänt", "Bibliotek").replace("Text å", "Mer å").encode())
    mended = document("--data", data, "import", "csv", *TITLED, file)

    assert "projekt.csv:2: published" in done.stdout
    assert "projekt.csv:3: not imported: Okänt is no subject area" in done.stdout
    assert "1 imported, 1 not." in done.stdout
    assert outcomes(again) == ["unchanged", "refused"]
    assert outcomes(mended) == ["updated", "published"]
    assert document("--data", data, "status")["records"] == 2


def test_a_dry_run_writes_nothing(data: Path, file: Path) -> None:
    """A dry run says what would be done, by the same checks."""
    tried = document("--data", data, "import", "csv", *TITLED, "--dry-run", file)
    said = run("--data", data, "import", "csv", *TITLED, "--dry-run", file).stdout

    assert outcomes(tried) == ["published", "refused"]
    assert tried["dry_run"]
    assert "projekt.csv:2: would be published" in said
    assert "1 would be imported, 1 not." in said
    assert document("--data", data, "status")["sequence"] == 1


def test_a_mapping_in_a_file(data: Path, file: Path, tmp_path: Path) -> None:
    """What was shown can be kept and used for the next file; flags win over it."""
    kept = tmp_path / "karta.yml"
    flags = (*TITLED, "--set", "status=drift", "--column", "Dnr=")
    run("--data", data, "import", "csv", *flags, "--write-mapping", kept, "--dry-run", file)
    text = kept.read_text("utf-8")
    kept.write_text(text.replace("status: drift", "status: pilot"), "utf-8")
    done = document("--data", data, "import", "csv", "--mapping", kept, file)
    wrong = run("--data", data, "import", "csv", "--mapping", file, "--yes", file)

    assert "Vad: title" in text
    assert "Dnr: ''" in text
    assert "encoding: Windows-1252" in text
    assert outcomes(done) == ["published", "refused"]
    assert not any("status" in warning for warning in done["files"][0]["warnings"])
    assert wrong.exit_code == 1


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--column", "Vad"), "write it as NAME=VALUE"),
        (("--column", "Finns inte=title"), "there is no column Finns inte"),
        ((*TITLED, "--set", "area=bibliotek"), "bibliotek cannot be area"),
    ],
)
def test_flags_that_do_not_fit(data: Path, file: Path, flags: tuple[str, ...], said: str) -> None:
    """A flag that does not fit the file is told before a row is read."""
    result = run("--data", data, "import", "csv", *flags, "--yes", file)

    assert result.exit_code == 1
    assert said in result.stderr


def test_a_title_that_is_taken_is_a_duplicate(data: Path, tmp_path: Path) -> None:
    """The same title from elsewhere is left out and said, and imported only when asked for."""
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(f"# Exempel: samma\n\nText ur {name}.\n", "utf-8")
    first = document("--data", data, "import", "markdown", tmp_path / "a.md")
    second = document("--data", data, "import", "markdown", tmp_path / "b.md")
    said = run("--data", data, "import", "markdown", tmp_path / "b.md").stdout
    forced = document("--data", data, "import", "markdown", "--duplicates", tmp_path / "b.md")

    assert outcomes(first) == ["published"]
    assert outcomes(second) == ["duplicate"]
    assert second["files"][0]["record"] == first["files"][0]["record"]
    assert "a record of ours has this title already (--duplicates imports it)" in said
    assert outcomes(forced) == ["published"]
    assert document("--data", data, "status")["records"] == 2


def test_two_of_one_title_are_both_meant(data: Path, tmp_path: Path) -> None:
    """Rows of one title are both imported, with a warning, unless they say the same."""
    table = tmp_path / "t.csv"
    table.write_text(
        "Titel;Läget;Nr\nExempel: a;Ett;1\nExempel: a;Två;2\nExempel: a;Två;3\n", "utf-8"
    )
    first = document("--data", data, "import", "csv", table)
    again = document("--data", data, "import", "csv", table)

    assert outcomes(first) == ["published", "published", "refused"]
    assert "has this title" in first["files"][1]["warnings"][0]
    assert outcomes(again) == ["unchanged", "unchanged", "refused"]


def test_windows_markdown(data: Path, tmp_path: Path) -> None:
    """A Markdown file in an older encoding is read, with a warning to look at å, ä and ö."""
    (tmp_path / "a.md").write_bytes("# Exempel: åäö\n\nText.\n".encode("cp1252"))
    done = document("--data", data, "import", "markdown", tmp_path / "a.md")

    assert done["files"][0]["title"] == "Exempel: åäö"
    assert "Windows-1252" in done["files"][0]["warnings"][0]


async def test_an_import_that_broke_off_goes_on(tmp_path: Path) -> None:
    """What was published before a stop is known again, even when the stop lost its mark."""
    node = await TestNode(tmp_path / "nod", "9001", "Exempelby").create()
    table = tmp_path / "t.csv"
    table.write_text("Titel;Läget\n" + "".join(f"Exempel {n};T\n" for n in range(30)), "utf-8")
    order = {"format_name": "csv", "paths": [str(table)]}
    seen: list[tuple[int, int]] = []

    await run_verb(node.settings, "import_files", **order, after=0, count=12)
    async with open_node(node.settings) as opened:
        database = opened.import_store._database
        assert isinstance(database, Database)
        async with database.write() as connection:
            await connection.execute(delete(import_marks))

    def look(done: int, total: int) -> None:
        seen.append((done, total))

    done = await run_in_parts(node.settings, "import_files", look, 10, **order)
    status = await run_verb(node.settings, "status")

    assert [item["outcome"] for item in done] == ["unchanged"] * 12 + ["published"] * 18
    assert seen == [(10, 30), (20, 30), (30, 30)]
    assert status["records"] == 30


async def test_a_draft_of_that_title_is_a_duplicate(tmp_path: Path) -> None:
    """What somebody is writing already is not published beside them."""
    node = await TestNode(tmp_path / "nod", "9001", "Exempelby").create()
    (tmp_path / "a.md").write_text("# Exempel: påbörjad\n\nText.\n", "utf-8")
    async with open_node(node.settings) as opened:
        user = await user_with(opened, Role.EDITOR, "eva")
        typed = {"title": "exempel: Påbörjad"}
        await opened.drafts.save(user, Written(opened.drafts.new_id(), typed))
    found = await run_verb(
        node.settings, "import_files", format_name="markdown", paths=[str(tmp_path / "a.md")]
    )

    assert [item["outcome"] for item in found["files"]] == ["duplicate"]
    assert found["files"][0]["reason"] == "a draft has this title already"


async def test_drafts_wait_for_an_editor(tmp_path: Path) -> None:
    """The files lie on the editor's page as they would if chosen there; nothing is published."""
    node = await TestNode(tmp_path / "nod", "9001", "Exempelby").create()
    table = tmp_path / "t.csv"
    table.write_text("Vad;Läget\nExempel: a;Text\nExempel: b;Text\n", "utf-8")
    async with open_node(node.settings) as opened:
        user = await user_with(opened, Role.EDITOR, "eva")
    columns = {"columns": {"Vad": "title"}, "values": {"status": "drift"}}
    brought = await run_verb(
        node.settings,
        "bring_files",
        user="Eva",
        format_name="csv",
        paths=[str(table)],
        columns=columns,
    )

    async with open_node(node.settings) as opened:
        (begun,) = await opened.imports.of_user(user)
        found = await opened.imports.open(user, begun.import_id)
        assert found is not None
        plans = await opened.imports.plans(found)
        assert await opened.drafts.newest_of(user) == []
        audited = await opened.audit.newest(1)
    assert (brought["user"], brought["files"]) == ("eva", ["t.csv"])
    assert brought["url"].endswith(f"/importera/{begun.import_id.hex()}")
    titles = [plan.result.experience.title for plan in plans if plan.result.experience]
    assert titles == ["Exempel: a", "Exempel: b"]
    assert {plan.result.experience.status for plan in plans if plan.result.experience} == {"drift"}
    assert (audited[0].action, audited[0].subject) == ("import bring", "eva")
    assert (await run_verb(node.settings, "status"))["records"] == 0


async def test_drafts_are_for_editors_only(tmp_path: Path) -> None:
    """An author, a closed account and a stranger have no page for it; the file is not kept."""
    node = await TestNode(tmp_path / "nod", "9001", "Exempelby").create()
    file = tmp_path / "a.md"
    file.write_text("# Exempel: a\n\nText.\n", "utf-8")
    async with open_node(node.settings) as opened:
        await user_with(opened, Role.AUTHOR, "bo")
        closed = await user_with(opened, Role.EDITOR, "eva")
        await opened.accounts.deactivate(closed.number, "test")
    order = {"format_name": "markdown", "paths": [str(file)]}
    for name in ("bo", "eva", "ingen"):
        with pytest.raises(TidanError, match=r"editor imports|no user"):
            await run_verb(node.settings, "bring_files", user=name, **order)


async def test_files_that_cannot_be_brought(tmp_path: Path) -> None:
    """Files of another kind, two of one name, an empty folder, two tables: told, and not kept."""
    node = await TestNode(tmp_path / "nod", "9001", "Exempelby").create()
    async with open_node(node.settings) as opened:
        user = await user_with(opened, Role.EDITOR, "eva")
    (tmp_path / "tom").mkdir()
    for name in ("a/x.md", "b/x.md", "a/x.csv", "b/x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# Exempel\n\nText.\n", "utf-8")
    for format_name, names, said in (
        ("markdown", ["a/x.csv"], "no markdown file"),
        ("markdown", ["a", "b"], "Two files have one name: x.md"),
        ("markdown", ["tom"], "not 0"),
        ("csv", ["a/x.csv", "b/x.csv"], "One table at a time"),
        ("csv", ["a/finns-inte.csv"], "No such file"),
        ("annat", ["a/x.csv"], "no import format"),
    ):
        paths = [str(tmp_path / name) for name in names]
        with pytest.raises(TidanError, match=said):
            await run_verb(
                node.settings, "bring_files", user="eva", format_name=format_name, paths=paths
            )
    async with open_node(node.settings) as opened:
        assert await opened.imports.of_user(user) == []


def test_drafts_by_command(data: Path, file: Path) -> None:
    """What only the page decides is refused, and who is missing is told."""
    drafts = ("import", "csv", *TITLED, "--drafts", "eva")
    dry = run("--data", data, *drafts, "--dry-run", file)
    unknown = run("--data", data, *drafts, file)

    assert dry.exit_code == unknown.exit_code == 1
    assert "the editor's page asks" in dry.stderr
    assert "There is no user 'eva'" in unknown.stderr
    assert document("--data", data, "status")["sequence"] == 1
