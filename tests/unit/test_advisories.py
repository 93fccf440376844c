"""The list of other programs' advisories: whole, with a test or a reason in each row."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from documents import NAMED, existing_tests, missing_documents, missing_tests, rows
from protocol.content import KINDS
from protocol.content.experience import Checked, Timeline
from protocol.limits import CONTENT_BYTES_MAX

COUNT = 59
IDS = re.compile(r"CVE-\d{4}-\d{4,6}|GHSA(?:-\w{4}){3}")
LIST = rows("advisories.md", 4)


def test_every_advisory_is_in_the_list() -> None:
    """59 rows, numbered; each says where it comes from and what is to be learned."""
    assert [int(row[0]) for row in LIST] == list(range(1, COUNT + 1))
    for row in LIST:
        assert IDS.search(row[1]) or row[1].startswith("own:") or "(" in row[1], row
        assert len(row[2]) > 20, row


@pytest.mark.parametrize("row", LIST, ids=lambda row: row[0])
def test_each_row_is_shown_or_reasoned_away(row: list[str]) -> None:
    """A row names tests that exist, or says why it does not apply."""
    shown = row[3]

    assert NAMED.search(shown) or shown.startswith("Does not apply: "), row
    assert missing_tests(shown) == set()
    assert missing_documents(shown) == set()


def test_the_check_sees_a_test_that_is_not_there() -> None:
    """A name that was changed, and a document that was moved, are missed."""
    assert missing_tests("`test_advisories.py::test_that_never_was`")
    assert missing_documents("[gone](gone.md#part)") == {"gone.md"}


def test_tests_named_by_an_advisory_are_in_the_list() -> None:
    """What carries an advisory in its name stands in that advisory's row."""
    text = "\n".join(row[3] for row in LIST)
    named = {pair for pair in existing_tests() if re.match(r"test_(cve|ghsa)_", pair[1])}

    assert len(named) > 15
    assert named - set(NAMED.findall(text)) == set()


def unbounded(schema: object, path: str = "") -> list[str]:
    """Places in a JSON schema where a text or a list has no upper bound."""
    if isinstance(schema, list):
        return [found for one in schema for found in unbounded(one, path)]
    if not isinstance(schema, dict):
        return []
    bounds = {"maxLength", "enum", "const"}
    here = []
    is_fixed = re.fullmatch(r"[^*+]*\{\d+\}[^*+]*", schema.get("pattern", ""))
    if schema.get("type") == "string" and not bounds & schema.keys() and not is_fixed:
        here.append(path)
    if schema.get("type") == "array" and "maxItems" not in schema:
        here.append(path)
    return here + [
        found for name, part in schema.items() for found in unbounded(part, f"{path}/{name}")
    ]


DATES = {"date", "call_off_until", "started", "live", "ended", "valid_until", "review_date"}
"""Fields that a function judges, which the schema does not show."""


@pytest.mark.parametrize("kind", KINDS)
def test_cve_2026_23962_every_text_has_an_end(kind: str) -> None:
    """CVE-2026-23962, CVE-2026-23963: no field of any kind of content can be written without end;
    and all of an entry is at most 64 KiB.
    """
    found = unbounded(KINDS[kind].model_json_schema())
    others = [path for path in found if path.removesuffix("/anyOf").rpartition("/")[2] not in DATES]

    assert others == []
    assert CONTENT_BYTES_MAX == 64 * 1024


@pytest.mark.parametrize("zeros", [1, 1_000])
def test_dates_have_an_end(zeros: int) -> None:
    """A date is ten characters at most, whole or in part."""
    long_date = "2026-01-01" + "0" * zeros
    with pytest.raises(ValidationError):
        Timeline(started=long_date)
    with pytest.raises(ValidationError):
        Checked(role="Exempel", date=long_date)
