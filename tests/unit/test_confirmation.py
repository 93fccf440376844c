"""What a domain's document says of a log."""

from __future__ import annotations

import json

import pytest

from node.alerts.confirmation import Answer, confirmation, read_answer

LOG = bytes.fromhex("ab" * 32)


def test_a_node_confirms_itself() -> None:
    """What a node serves is what it looks for."""
    assert read_answer(json.dumps(confirmation(LOG)).encode(), LOG) is Answer.CONFIRMED


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ('{"log": "' + "AB" * 32 + '", "more": [1]}', Answer.CONFIRMED),
        ('{"log": "' + "cd" * 32 + '"}', Answer.OTHER),
        ('{"log": 1}', Answer.MISSING),
        ('["' + "ab" * 32 + '"]', Answer.MISSING),
        ("<!doctype html>", Answer.MISSING),
        ("", Answer.MISSING),
        ("[" * 3_000, Answer.MISSING),
        ('{"log": 1.5}', Answer.MISSING),
    ],
)
def test_anything_else_confirms_nothing(document: str, answer: Answer) -> None:
    """Another log is another log; what is no such document is none."""
    assert read_answer(document.encode(), LOG) is answer
