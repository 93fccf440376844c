"""The quick way of taking a text apart gives the words that the expression gives."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from storage.search.analyzer import WORD, words_of
from storage.search.texts import plain

RECORDS = Path(__file__).resolve().parents[1] / "judged" / "records"


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever characters there are."""
    assert words_of(text) == WORD.findall(plain(text))


@given(st.text(st.sampled_from("aÅäÖé5 -–—'’‐_.,!\n\t\xa0\xadßµ½²ŠŸœ…”€ˆ")))
def test_marks_and_joints(text: str) -> None:
    """Joints within words and beside them, marks, and letters that fold oddly."""
    assert words_of(text) == WORD.findall(plain(text))


def test_texts_as_people_write_them() -> None:
    """Every text of the judged records."""
    for path in sorted(RECORDS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            for text in json.loads(line).values():
                if isinstance(text, str):
                    assert words_of(text) == WORD.findall(plain(text))
