"""`make coverage` is no check that cannot fail: what nobody reaches makes it fail."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.protocol_coverage import is_whole, measure, own_tests

SIGN = '''
def sign(number: int) -> str:
    """Say which side of zero a number is on."""
    word = "over"
    if number < 0:{comment}
        word = "under"
    return word
'''
NO_COVER = "  # pragma: no cover"
NO_BRANCH = "  # pragma: no branch"


@pytest.mark.parametrize(
    ("numbers", "comment", "whole"),
    [
        ((1, -1), "", True),
        ((1,), "", False),
        ((-1,), "", False),
        ((1,), NO_COVER, False),
        ((-1,), NO_BRANCH, False),
    ],
)
def test_a_line_or_branch_that_nobody_reaches_is_found(
    numbers: tuple[int, ...],
    comment: str,
    whole: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also a branch whose every line is reached, and whatever a comment says of it."""
    name = f"planted_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(SIGN.format(comment=comment), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def run() -> int:
        module = importlib.import_module(name)
        return len([module.sign(number) for number in numbers])

    count, measured = measure(name, run)

    assert count == len(numbers)
    assert is_whole(measured) is whole
    assert ("__init__.py" in capsys.readouterr().out) is not whole


def test_the_protocol_is_judged_by_its_own_tests() -> None:
    """Tests of the node and of storage reach much by chance, and count for nothing here."""
    tests = own_tests()

    assert {"tests/unit/test_session.py", "tests/unit/test_hub.py"} <= set(tests)
    assert not {"tests/unit/test_accounts.py", "tests/unit/test_rivals.py"} & set(tests)
