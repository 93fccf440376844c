"""Parts of the API that need no node: formats a request accepts, cells of a table, parameters."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from pydantic import ValidationError

from node.api.accepting import best
from node.api.errors import BadParameterError, UnknownParameterError
from node.api.openapi import document
from node.api.operations import OPERATIONS
from node.api.reading import RecordQuery, read_query
from node.importers.markdown_words import FIELD_OF_WORD
from node.municipal import places
from node.spreadsheets import FORMULA_STARTS, guarded

OFFERED = ["text/turtle", "application/ld+json"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/*", "application/ld+json"),
        ("APPLICATION/LD+JSON", "application/ld+json"),
        ("text/turtle;q=0.2, application/ld+json;q=0.3", "application/ld+json"),
        ("text/turtle;q=0, */*", "application/ld+json"),
        ("text/turtle; charset=utf-8; q=1.000", "text/turtle"),
        ("text/html", None),
        ("*/*;q=0", None),
        (",;=, q=1", None),
    ],
)
def test_the_format_is_the_one_liked_most(accept: str | None, chosen: str | None) -> None:
    """The most exact range decides, the first of equals wins, and nothing is forced on anybody."""
    assert best(accept, OFFERED) == chosen


@given(st.text())
def test_any_header_is_read(accept: str) -> None:
    """Whatever stands in Accept, there is an answer."""
    assert best(accept, OFFERED) in {*OFFERED, None}


@given(st.text())
def test_no_cell_is_a_formula_and_each_reads_back(text: str) -> None:
    """A cell begins as text begins, and a reader of CSV gets it back with its line breaks."""
    cell = guarded(text)
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell, "x"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))

    assert not cell.startswith(FORMULA_STARTS)
    assert cell in (text, f"'{text}")
    assert row == [cell, "x"]


def faults_of(pairs: dict[str, str]) -> list[str]:
    """The parameters that are refused; none when they are read."""
    try:
        read_query(RecordQuery, MultiDict(pairs))
    except (UnknownParameterError, BadParameterError) as error:
        return [name for name, _ in error.faults] or ["nothing is named"]
    return []


@given(st.dictionaries(st.text(), st.text()))
def test_parameters_are_read_or_refused(pairs: dict[str, str]) -> None:
    """Nothing that can stand in an address leads anywhere but to a query or to a refusal."""
    assert "nothing is named" not in faults_of(pairs)


@given(st.sampled_from(sorted(RecordQuery.model_fields)), st.text())
def test_each_value_is_read_or_refused(name: str, value: str) -> None:
    """A known parameter with any value is read as what it says, or refused by its name."""
    refused = faults_of({name: value})
    read = None if refused else getattr(RecordQuery.model_validate({name: value}), name)

    assert refused in ([], [name])
    assert refused or str(read) == value


def test_places_mean_what_they_mean_on_pages() -> None:
    """A place is the codes that the same choice on a page has."""
    query = read_query(RecordQuery, MultiDict({"place": "grannar", "q": "  två   ord "}))
    wanted = query.filter("1498")

    assert wanted.codes == places.place_codes("grannar", "1498")
    assert wanted.text == "två ord"


def test_queries_cannot_be_changed() -> None:
    """What was checked stays as it was checked."""
    query = RecordQuery()
    with pytest.raises(ValidationError):
        query.page = 0


def test_the_document_describes_each_operation() -> None:
    """Every operation has its words, its parameters and its refusals, and no reference is loose."""
    found = document("https://exempel.se", is_open=False)
    names = {path["get"]["operationId"] for path in found["paths"].values()}

    assert names >= {operation.name for operation in OPERATIONS}
    assert found["security"] == [{"token": []}]
    assert {*_references(found)} <= {
        f"#/components/schemas/{name}" for name in found["components"]["schemas"]
    }


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in _references(value)]
    if isinstance(part, list):
        return [one for value in part for one in _references(value)]
    return []


def test_headings_are_names_that_records_may_use() -> None:
    """The texts of a table stand under the names that a record in Markdown may give them."""
    for heading in ("titel", "sammanfattning", "läget", "vad_vi_gjorde", "råd_till_andra"):
        assert heading in FIELD_OF_WORD
