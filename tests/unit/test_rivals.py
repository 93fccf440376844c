"""Two logs of one kommunkod: rivals, unless they have come to one."""

from __future__ import annotations

import pytest

from content_factories import log_id
from node.operations.rivals import has_rival
from protocol.directory import Standing
from storage.log_registry import LogRow

A, B, C, D = (log_id(number) for number in range(1, 5))


def row(log: bytes, standing: Standing = Standing.MEMBER) -> LogRow:
    """A log that says it is Hjo."""
    return LogRow(log, standing, "", 0, None, "1497", "Hjo kommun", None, None, False, "")


@pytest.mark.parametrize(
    ("heirs", "rival"),
    [
        ({}, True),
        ({A: B}, False),
        ({B: A}, False),
        ({A: C, B: C}, False),
        ({A: C, C: B}, False),
        ({A: C}, True),
        ({A: B, B: A}, True),
    ],
)
def test_logs_that_have_come_to_one_are_no_rivals(heirs: dict[bytes, bytes], rival: bool) -> None:
    """Directly, by a chain or side by side; another's word or a circle is not enough."""
    assert has_rival(A, {"1497"}, [row(A), row(B)], heirs) is rival
    assert has_rival(B, {"1497"}, [row(A), row(B)], heirs) is rival


def test_only_accepted_logs_of_the_code_are_rivals() -> None:
    """A blocked log, or one of another code, is none."""
    assert not has_rival(A, {"1497"}, [row(A), row(D, Standing.BLOCKED)], {})
    assert not has_rival(A, {"1498"}, [row(A), row(D)], {})
