"""What the protocol has read or agreed on stays as it was: its values cannot be changed."""

from __future__ import annotations

import dataclasses
import pkgutil
from importlib import import_module

import protocol
from protocol.blob_plan import Wish
from protocol.fetch_plan import Fetch
from protocol.settling import BranchFetch

UNDER_WAY = {BranchFetch, Fetch, Wish}
"""What is being fetched, of which more arrives."""


def all_values() -> list[type]:
    """Each dataclass that a module of the protocol defines."""
    names = [found.name for found in pkgutil.walk_packages(protocol.__path__, "protocol.")]
    return [
        value
        for name in names
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == name
    ]


def test_a_value_cannot_be_changed_unless_it_is_under_way() -> None:
    """A value that somebody else holds too would change under their hands."""
    can_change = {value for value in all_values() if not value.__dataclass_params__.frozen}
    assert can_change == UNDER_WAY


def test_a_value_takes_no_name_that_it_does_not_have() -> None:
    """A misspelt name in an assignment is an error, and thousands of values cost little memory."""
    assert [value for value in all_values() if "__slots__" not in vars(value)] == []
