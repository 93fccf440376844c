"""What a domain's document says of a log, and which addresses are of the public internet."""

from __future__ import annotations

import json

import pytest

from node.alerts.confirmation import Answer, confirmation, read_answer
from node.alerts.guarded_fetch import is_public

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


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1", "hjo.se", ""],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    """Nothing within a network is ever asked, however its address is written."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_outer_addresses_are(address: str) -> None:
    """The rest of the internet may be."""
    assert is_public(address)
