"""CSV: any bytes give records or clear errors, rows keep their numbers, and nothing is guessed
where a wrong guess would matter."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.importers import ImportResult, cells
from node.importers.cells import CellError
from node.importers.csv_columns import Columns, guess, read_columns, write_columns
from node.importers.csv_records import read_csv
from node.importers.csv_table import (
    BROKEN_ROWS_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    SEPARATORS,
    TABLE_BYTES_MAX,
    read_table,
)
from node.importers.result import BrokenFileError
from node.importers.texts import ENCODINGS
from protocol.content import Experience

ROWS = """Rubrik;Beskrivning;Ämne;Status;Kostnad;Årskostnad;Start;Leverantör;Nyckelord
Exempel: larm;Vi bytte.;Hemtjänst;klar;185 000 kr;12 500;mars 2024;Bolaget AB;larm, täckning
"""


def read(text: str | bytes, columns: Columns | None = None) -> list[ImportResult]:
    """Results of a file."""
    data = text.encode() if isinstance(text, str) else text
    return read_csv(data, "p.csv", columns or Columns())


def experience_of(result: ImportResult) -> Experience:
    """The experience of a row that must be readable."""
    assert result.error is None, result.error
    assert result.experience is not None
    return result.experience


def test_a_row_with_swedish_headings() -> None:
    """Headings, subjects, statuses, amounts and dates are read as they are written in Sweden."""
    (result,) = read(ROWS)
    experience = experience_of(result)

    assert (experience.title, experience.situation) == ("Exempel: larm", "Vi bytte.")
    assert (experience.area, experience.status) == ("aldre.hemtjanst", "avslutat")
    assert experience.cost is not None
    assert (experience.cost.one_off_sek, experience.cost.yearly_sek) == (185_000, 12_500)
    assert experience.timeline is not None
    assert experience.timeline.started == "2024-03"
    assert experience.products[0].supplier == "Bolaget AB"
    assert experience.tags == ("larm", "täckning")
    assert result.assumed == ("contact", "type")
    assert (result.row, result.source_key) == (2, "csv:p.csv:Exempel: larm")


def test_a_row_with_english_headings() -> None:
    """The same in English, with the names of fields as they are in the protocol."""
    head = "id,title,summary,type,subject,status,contact_role,contact_email,personal_data"
    row = "7,Example: keys,Short.,question,Home care,in use,IT,it@exempel.se,no"
    (result,) = read(f"{head}\n{row}\n")
    experience = experience_of(result)

    assert result.source_key == "csv:p.csv:7"
    assert (experience.type, experience.status) == ("fraga", "drift")
    assert experience.contact.email == "it@exempel.se"
    assert experience.legal is not None
    assert experience.legal.personal_data is False
    assert result.warnings == ()


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(separator: str, encoding: str, line_end: str) -> None:
    """Whatever program wrote the file, å, ä and ö and the columns are right."""
    rows = [["Titel", "Läget", "Kostnad"], ["Exempel: åäö", '"1; 2, 3 | 4\t5"', '"1 200,50"']]
    text = line_end.join(separator.join(row) for row in rows) + line_end
    (result,) = read(text.encode(encoding))
    experience = experience_of(result)

    assert experience.title == "Exempel: åäö"
    assert experience.situation == "1; 2, 3 | 4\t5"
    assert experience.cost is not None
    assert experience.cost.one_off_sek == 1_201


def test_what_a_spreadsheet_adds() -> None:
    """Excel's sep= line, empty rows and columns, and line breaks inside cells are no trouble."""
    text = 'sep=;\nTitel;Läget;;\n\nA;"Rad 1\nRad 2";;\n;;;\nB;x;;\n'
    first, second = read(text)

    assert experience_of(first).situation == "Rad 1\nRad 2"
    assert [first.row, second.row] == [3, 5]


def test_bad_rows_keep_their_numbers_and_the_good_ones_are_kept() -> None:
    """Each bad row says its number and what to do; a quotation mark that never ends costs one."""
    text = (
        "Titel;Läget;Kostnad;Start\n"
        "Bra;x;1;2024\n"
        ";utan titel;1;2024\n"
        'Fel;"x "y;1;2024\n'
        "Fel;x;1,500;2024\n"
        "Fel;x;många;2024\n"
        "Fel;x;1;i våras\n"
        "Fel;x;1;2024;för mycket\n"
        'Öppen;"utan slut;1;2024\n'
        "Bra igen;x;1;2024\n"
    )
    results = read(text)

    assert [result.row for result in results if result.experience] == [2, 10]
    said = {result.row: result.error.reason for result in results if result.error}
    assert sorted(said, key=str) == sorted([3, 4, 5, 6, 7, 8, 9], key=str)
    assert "there is no title" in said[3]
    assert "quotation marks" in said[4]
    assert "two ways" in said[5]
    assert "is no amount" in said[6]
    assert "is no date" in said[7]
    assert "5 cells in a table of 4 columns" in said[8]
    assert "quotation marks" in said[9]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "nothing in the table"),
        (b"\n\n;;\n", "nothing in the table"),
        (b"PK\x03\x04", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"Titel;x\na\x00b;c\n", "no text file"),
        (b"Titel\n\x81\n", "no text file"),
        (b"Vad\nx\n", "no column is the title"),
        (b"x" * (TABLE_BYTES_MAX + 1), "larger than"),
        ((";".join(["Titel"] * (COLUMNS_MAX + 1)) + "\n").encode(), "columns"),
    ],
)
def test_files_that_are_no_table(data: bytes, reason: str) -> None:
    """A file that is no table is one clear reason."""
    (result,) = read(data)

    assert result.error is not None
    assert reason in result.error.reason


def test_bounds() -> None:
    """Too many rows, and too many broken ones, end the reading and say so."""
    many = read("Titel\n" + "x\n" * 2 + "".join(f"r{n}\n" for n in range(ROWS_MAX)))
    broken = read("Titel;a\n" + 'x;"y"z\n' * (BROKEN_ROWS_MAX + 5))

    assert len([result for result in many if result.experience]) == ROWS_MAX
    assert any(result.error and "only the first" in result.error.reason for result in many)
    assert len(broken) == BROKEN_ROWS_MAX + 1
    assert broken[-1].error is not None
    assert "too many rows are broken" in broken[-1].error.reason


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("185000", 185_000), ("185 000", 185_000), ("185\xa0000 kr", 185_000),
        ("185000:-", 185_000), ("1.185.000", 1_185_000), ("1,185,000", 1_185_000),
        ("1.185.000,50", 1_185_001), ("1,185,000.49", 1_185_000), ("0,5", 1), ("12,5", 13),
        ("1,5 mkr", 1_500_000), ("250 tkr", 250_000), ("SEK 300", 300), ("ca 40 timmar", 40),
        ("0.500", 1), ("2 miljoner", 2_000_000),
    ],
)  # fmt: skip
def test_amounts(text: str, number: int) -> None:
    """Amounts are read in whole units, with either country's signs."""
    assert cells.read_amount(text)[0] == number


@pytest.mark.parametrize(
    "text", ["1,500", "1.500", "12.345", "x", "", "-5", "1.2.3", "12,34,567", "5 eller 6", "9" * 30]
)
def test_amounts_that_are_not_guessed(text: str) -> None:
    """What may be off by a factor, and what is no amount, is refused."""
    with pytest.raises(CellError):
        cells.read_amount(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024", "2024"), ("2024-03", "2024-03"), ("2024-03-15", "2024-03-15"),
        ("20240315", "2024-03-15"), ("15/3/2024", "2024-03-15"), ("15.03.2024", "2024-03-15"),
        ("2024-03-15 00:00:00", "2024-03-15"), ("mars 2024", "2024-03"),
        ("3 maj 2024", "2024-05-03"), ("May 2024", "2024-05"), ("2024/3/1", "2024-03-01"),
    ],
)  # fmt: skip
def test_dates(text: str, day: str) -> None:
    """Dates are read in the forms of spreadsheets."""
    assert cells.read_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "i våras", "2024-13", "2024-02-30", "1066", "abc 2024", "3/15/2024"]
)
def test_dates_that_are_none(text: str) -> None:
    """What is no day in the calendar is refused."""
    with pytest.raises(CellError):
        cells.read_date(text)


def test_persons_are_left_out() -> None:
    """An address that may be a person's goes, in its own column, in the contact and in texts."""
    text = (
        "Titel;Läget;Kontakt;E-post;Telefon\n"
        "A;Fråga bo.ek@exempel.se;anna.ek@exempel.se;;070-1\n"
        "B;x;IT-enheten;anna.ek@exempel.se;070-1\n"
    )
    results = read(text)

    assert "ek@" not in repr(results)
    assert "070-1" not in repr(results)
    assert experience_of(results[1]).contact.role == "IT-enheten"
    assert all(any("person" in note for note in result.warnings) for result in results)


def test_a_mapping_is_said_and_kept() -> None:
    """What is said wins over what is guessed, and can be written down and used again."""
    said = Columns({"Vad": "title", "namn": ""}, {"area": "skola", "status": "drift"}, "", ";")
    again = read_columns(write_columns(said))
    (result,) = read("Vad;Namn;Titel\nA;Bo Ek;Rektor\n", again)
    experience = experience_of(result)

    assert again == said
    assert (experience.title, experience.area, experience.status) == ("A", "skola", "drift")
    assert "Ek" not in repr(result)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (Columns({"Finns inte": "title"}), "there is no column Finns inte"),
        (Columns({"Läget": "titel"}), "a record has no field titel"),
        (Columns({"Läget": "title"}), "two columns are both title"),
        (Columns({"Titel": ""}), "no column is the title"),
        (Columns({}, {"area": "skolan"}), "skolan cannot be area"),
        (Columns({}, {"title": "x"}), "x cannot be title"),
        (Columns({}, {"status": "klar"}), "klar cannot be status"),
    ],
)
def test_mappings_that_do_not_fit(columns: Columns, reason: str) -> None:
    """A mapping that does not fit the file is told before a row is read."""
    columns = Columns({"Titel": "title", **columns.fields}, columns.values)
    results = read("Titel;Läget\nA;x\n", columns)

    assert any(result.error and reason in result.error.reason for result in results)
    assert all(result.experience is None for result in results)


@pytest.mark.parametrize(
    "text", ["- lista", "annat: 1", "columns: x", "encoding: ebcdic", "separator: x", "a: ["]
)
def test_mapping_files_that_are_none(text: str) -> None:
    """A mapping file that is not one is refused."""
    with pytest.raises(BrokenFileError):
        read_columns(text)


def test_headings_that_are_alike_or_missing() -> None:
    """Columns of one name, or of none, are told apart, and each can be chosen by itself."""
    data = b"Titel,,Titel,\nA,x,B,y\n"
    table = read_table(data)
    said = Columns({"Titel": "", "#2": "tags", "Titel #3": "title", "#4": ""})
    (result,) = read(data, said)

    assert table.headings == ("Titel", "#2", "Titel #3", "#4")
    assert Columns().of(table.headings)["Titel #3"] == ""
    assert experience_of(result).title == "B"
    assert experience_of(result).tags == ("x",)


def test_headings_mean_one_field() -> None:
    """Headings are compared without case, brackets and signs."""
    assert guess("KOSTNAD (kr)") == "cost_one_off"
    assert guess("contact_email") == guess("E-post") == "contact_email"
    assert guess("Råd till andra") == "advice"
    assert guess("Något helt annat") == ""


ANY_BYTES = st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8"))
ANY_TABLE = st.lists(
    st.lists(st.text("ab\"\n\r\t;,|åö '=0.-\x00\u202e", max_size=6), max_size=5), max_size=8
).map(lambda rows: "\n".join(";".join(row) for row in rows))
SAID = st.builds(
    Columns,
    st.dictionaries(st.sampled_from(["Titel", "a", ""]), st.sampled_from(["title", "tags", ""])),
    st.dictionaries(st.sampled_from(["area", "status", "x"]), st.text(max_size=8)),
    st.sampled_from(["", *ENCODINGS]),
    st.sampled_from(["", *SEPARATORS]),
)


@settings(deadline=None)
@given(ANY_BYTES, SAID)
@example(b'"', Columns())
@example(b"\xff\xfe\x00", Columns())
def test_any_bytes(data: bytes, columns: Columns) -> None:
    """Any bytes, read in any way, are records or clear errors; nothing else is ever raised."""
    for result in read_csv(data, "p.csv", columns):
        assert (result.experience is None) != (result.error is None)


@settings(deadline=None)
@given(ANY_TABLE, SAID)
def test_any_table(rows: str, columns: Columns) -> None:
    """The same for whatever stands under headings that are known."""
    head = "Titel;Läget;Kostnad;Start;Nyckelord;Länk;E-post;Personuppgifter;Ämne"
    for result in read_csv(f"{head}\n{rows}".encode(), "p.csv", columns):
        assert (result.experience is None) != (result.error is None)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6), st.data())
def test_a_table_comes_back(rows: list[list[str]], data: st.DataObject) -> None:
    """Quoted cells come back as they are, whatever they hold, with each separator."""
    separator = data.draw(st.sampled_from(list(SEPARATORS)))
    quoted = [
        separator.join('"' + cell.replace('"', '""') + '"' for cell in row)
        for row in [["Titel", "b", "c"], *rows]
    ]
    text = "\n".join(quoted)
    table = read_table(text.encode(), encoding="UTF-8", separator=separator)
    wanted = [tuple(cell.strip() for cell in row) for row in rows]

    assert [row.cells for row in table.rows] == [row for row in wanted if any(row)]
    assert table.problems == ()
