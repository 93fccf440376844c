"""Tests that need what a machine may lack: skipped there, and an error where `CI` is set."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def leave_out(reason: str) -> NoReturn:
    """Skip a test that lacks something; where `CI` is set that is an error."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
