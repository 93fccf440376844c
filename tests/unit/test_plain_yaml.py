"""YAML of strangers: what is read as what, and what breaks a file."""

from __future__ import annotations

import pytest

from node.importers import phrases, plain_yaml
from node.importers.notes import Note
from node.importers.result import BrokenFileError, ImportProblem


@pytest.mark.parametrize("value", ["trueconf", "falsetto", "true, and more", "12 kr", "nullius"])
def test_a_word_that_begins_as_another_value_is_text(value: str) -> None:
    """A name such as Trueconf is a name (found by fuzzing: it ended the import)."""
    assert plain_yaml.load(f"name: {value}").value == {"name": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- first\n- " + "[" * 3_000, 2),
        ("- first\n- " + "[" * 3_000 + "]" * 3_000, 2),
        ("".join(f"{' ' * depth}a:\n" for depth in range(40)), 32),
    ],
)
def test_nesting_ends_where_it_goes_too_deep(text: str, line: int) -> None:
    """What is nested beyond the bound is told with its line, and what follows is not looked at
    (found by fuzzing: for brackets alone that took a tenth of a second)."""
    with pytest.raises(BrokenFileError) as refused:
        plain_yaml.load(text)
    assert refused.value.problem == ImportProblem(line, Note(phrases.DEEP_YAML))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 1),
        ("a: b\nc: {\n\n\n", 2),
        ("åäö: åäö\na: \x07\n\n\n", 2),
        ("a: 'b\nc: 'd\n", 2),
        ("a: b\nc: *a", 2),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int) -> None:
    """The line is one of the file, also when what is missing is missing at its end."""
    with pytest.raises(BrokenFileError) as refused:
        plain_yaml.load(text, first_line=10)
    assert refused.value.problem.line == line + 9


@pytest.mark.parametrize(
    "value", ["!!bool x", "!!int ''", "!!timestamp x", "!!float 1.5", "!!set {a}", "!own x"]
)
def test_a_value_is_what_it_looks_like(value: str) -> None:
    """A tag that says otherwise breaks its file, with the line, and nothing else."""
    with pytest.raises(BrokenFileError) as refused:
        plain_yaml.load(f"first: 1\nname: {value}")
    assert refused.value.problem.line == 2
    with pytest.raises(BrokenFileError) as refused:  # a key too (found by fuzzing)
        plain_yaml.load(f"first: 1\nnames: [? {value}]")
    assert refused.value.problem.line == 2
