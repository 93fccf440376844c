"""The threat model and the ASVS list: whole, and naming only what is there."""

from __future__ import annotations

import re

import pytest

from documents import NAMED, TREE, missing_documents, missing_tests, rows

# How many of each section's requirements are of level 1 or 2; in ASVS 5.0.0 these come first.
# The sections that hold none of them are left out.
OF_LEVELS_1_AND_2 = {
    "V1": (2, 9, 11, 3, 2), "V2": (3, 3, 4, 1), "V3": (0, 2, 4, 6, 5, 0, 2), "V4": (3, 1, 2, 4),
    "V5": (1, 3, 2, 3), "V6": (3, 12, 4, 4, 5, 3, 0, 4), "V7": (3, 4, 2, 5, 2, 2),
    "V8": (2, 3, 1, 1), "V9": (3, 4), "V10": (2, 2, 4, 11, 5, 2, 3), "V11": (2, 3, 3, 4, 1, 1),
    "V12": (3, 2, 4), "V13": (1, 5, 2, 5), "V14": (2, 4, 3), "V15": (3, 3, 7),
    "V16": (1, 5, 4, 3, 3), "V17": (1, 4, 2),
}  # fmt: skip
REQUIREMENTS = [
    f"{chapter}.{section}.{number}"
    for chapter, counts in OF_LEVELS_1_AND_2.items()
    for section, count in enumerate(counts, 1)
    for number in range(1, count + 1)
]
VERDICTS = ("Met", "Partly", "Not met", "Does not apply")
LIST = [row for row in rows("asvs.md", 3) if re.match(r"V\d", row[0])]


def covered(cell: str) -> list[str]:
    """The requirements that a cell names; `V10.*` is all of a chapter or section."""
    found = []
    for name in cell.split(", "):
        if name.endswith(".*"):
            found += [one for one in REQUIREMENTS if one.startswith(name[:-1])]
        else:
            found.append(name)
    return found


def test_every_requirement_is_in_the_list_once() -> None:
    """253 of levels 1 and 2, in the order of the standard but for chapters put together."""
    named = [one for row in LIST for one in covered(row[0])]

    assert len(REQUIREMENTS) == 253
    assert sorted(named) == sorted(REQUIREMENTS)


@pytest.mark.parametrize("row", LIST, ids=lambda row: row[0])
def test_each_requirement_says_how_it_stands(row: list[str]) -> None:
    """What is met names a test, a document or a source; what is not says what is missing."""
    words = row[2]

    assert words.startswith(VERDICTS), words
    assert len(words) > len("Does not apply. None")
    assert missing_tests(words) == set()
    assert missing_documents(words) == set()
    sources = re.findall(r"`((?:node|storage|protocol)/[\w/]+(?:\.py)?)/?`", words)
    assert [path for path in sources if not (TREE / path).exists()] == []
    assert NAMED.search(words) or sources or "](" in words or not words.startswith("Met"), row


def test_the_threat_model_names_what_is_there() -> None:
    """Each threat has something that stands against it, shown by tests that exist."""
    text = (TREE / "docs" / "threat-model.md").read_text("utf-8")
    threats = [row for row in rows("threat-model.md", 3) if "test_" in row[2]]
    sources = re.findall(r"`((?:node|storage|protocol)/[\w/]+(?:\.py)?)/?`", text)

    assert len(threats) > 20
    assert missing_tests(text) == set()
    assert missing_documents(text) == set()
    assert len(NAMED.findall(text)) > 40
    assert [path for path in sources if not (TREE / path).exists()] == []
