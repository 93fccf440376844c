"""A file of decisions: what each row would change, or why it changes nothing."""

from __future__ import annotations

import pytest

from node.api.decision_export import whole_file
from node.cli.decisions import FAULTS as CLI_FAULTS
from node.importers.csv_table import read_table
from node.operations.decision_table import Fault, MissingColumnError, PlannedRow, plan, seal
from node.web.pages.decisions import FAULTS as PAGE_FAULTS
from protocol.directory import Standing
from storage.log_registry import LogRow

OWN, HJO, NEW = "aa" * 32, "bb" * 32, "cc" * 32
ROW = LogRow(bytes.fromhex(HJO), Standing.MEMBER, "neighbour", 1, None, "1497", "Hjo kommun",
             None, None, False, "")  # fmt: skip


def planned(text: str, row: LogRow = ROW) -> list[PlannedRow]:
    """What a file would change on a node that knows Hjo."""
    return plan(read_table(text.encode()), {HJO: row}, OWN)


def test_a_row_says_what_holds_and_what_would() -> None:
    """Known and unknown municipalities; words in either language, columns in any order."""
    known, new = planned(
        f"beslut;id;skäl;anteckning;kommun;kommunkod\n"
        f"Blockerad;{HJO};Fel avsändare;Ring oss;;\n"
        f"ignored;{NEW.upper()};;;Skara kommun;1495\n"
    )

    assert (known.before.standing, known.name, known.changes) == ("member", "Hjo kommun", True)
    assert known.after == (Standing.BLOCKED, "Fel avsändare", "Ring oss")
    assert (new.log, new.before.standing, new.after.standing) == (NEW, None, "ignored")
    assert (new.code, new.name) == ("1495", "Skara kommun")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (f"{'zz' * 32},medlem,", Fault.NO_ID),
        ("bb,medlem,", Fault.NO_ID),
        (f"{OWN},blockerad,x", Fault.OWN),
        (f"{NEW},kanske,", Fault.NO_DECISION),
        (f"{NEW},own,", Fault.NO_DECISION),
        (f"{NEW},blockerad, ", Fault.NO_REASON),
        (f"{NEW},medlem,{'x' * 1_001}", Fault.LONG),
    ],
)
def test_a_row_that_cannot_be_understood_changes_nothing(cells: str, fault: Fault) -> None:
    """Each fault by its name; other rows are as if it were not there."""
    faulty, good = planned(f"id,beslut,skäl\n{cells}\n{HJO},inte nu,\n")

    assert (faulty.fault, faulty.changes) == (fault, False)
    assert good.changes


def test_the_same_id_counts_once() -> None:
    """Two decisions about one municipality contradict each other; the first stands."""
    first, second = planned(f"id,beslut\n{HJO},inte nu\n{HJO},medlem\n")

    assert (first.fault, second.fault) == (None, Fault.TWICE)


def test_a_file_needs_its_columns() -> None:
    """Without an id or a decision nothing can be told."""
    with pytest.raises(MissingColumnError, match="beslut"):
        planned(f"id,skäl\n{HJO},x\n")


@pytest.mark.parametrize("reason", ["neighbour", "=2+2", "-1", "'quoted", "rad ett\nrad  två", ""])
def test_what_is_written_is_read_back_without_a_change(reason: str) -> None:
    """A file that was saved and brought again changes nothing, whatever stands in it; and no cell
    is a formula."""
    row = LogRow(ROW.log, Standing.MEMBER, reason, 1, None, "1497", "=Hjo", None, None, False, "+1")
    written = whole_file([{
        "log": HJO, "code": row.code, "name": row.name, "standing": "member", "reason": reason,
        "public_note": row.public_note, "standing_ms": 1,
    }])  # fmt: skip
    (read,) = plan(read_table(written), {HJO: row}, OWN)

    assert read.fault is None
    assert not read.changes
    assert b",=Hjo" not in written
    assert b",'=Hjo" in written


def test_the_seal_stands_for_what_would_change() -> None:
    """Another state or another file has another seal; rows that change nothing have no part."""
    text = f"id,beslut\n{HJO},inte nu\n"
    other = LogRow(ROW.log, Standing.BLOCKED, "x", 2, None, "1497", "Hjo", None, None, False, "")

    assert seal(planned(text)) == seal(planned(text + f"{OWN},medlem\n"))
    assert seal(planned(text)) != seal(planned(text, other))
    assert seal(planned(text)) != seal(planned(f"id,beslut,skäl\n{HJO},inte nu,x\n"))


def test_every_fault_has_words() -> None:
    """On the page and on the command line."""
    assert {fault.value for fault in Fault} == CLI_FAULTS.keys()
    assert set(Fault) == PAGE_FAULTS.keys()
