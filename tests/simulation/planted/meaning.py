"""Planted in what entries add up to: the projections."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.conformance_stored import projected
from simulation.planted.bug import Bug
from storage import projection_batch
from storage.projection_batch import _Batch


def anybody_may_replace_a_record(patch: pytest.MonkeyPatch) -> None:
    """Take an edit by another municipality for one by the record's own."""
    real = _Batch._replace

    def replace(batch: Any, arrived: Any, change: Any) -> None:
        real(batch, _as_owner(arrived, batch._records.get(change.record)), change)

    patch.setattr(_Batch, "_replace", replace)


def anybody_may_withdraw_a_record(patch: pytest.MonkeyPatch) -> None:
    """Honour a withdrawal by another municipality's log."""
    real = _Batch._withdraw

    def withdraw(batch: Any, arrived: Any, change: Any) -> None:
        real(batch, _as_owner(arrived, batch._records.get(change.target)), change)

    patch.setattr(_Batch, "_withdraw", withdraw)


def _as_owner(arrived: Any, row: Any) -> Any:
    return arrived._replace(log_no=row["log_no"]) if row else arrived


def the_newest_clock_wins(patch: pytest.MonkeyPatch) -> None:
    """Order the versions of a record by the time they say, not by their numbers."""
    real = _Batch._replace

    def replace(batch: Any, arrived: Any, change: Any) -> None:
        record = batch._records.get(change.record)
        if record is None or record["version_time_ms"] <= change.time_ms:
            real(batch, arrived, change)

    patch.setattr(_Batch, "_replace", replace)


def the_time_of_arrival_is_shown_as_the_time_of_writing(patch: pytest.MonkeyPatch) -> None:
    """Let a projection hang on when an entry came here."""
    real = projection_batch.first_version_row

    def first_version_row(arrived: Any, record: bytes, experience: Any) -> Any:
        return real(arrived, record, experience) | {"time_ms": arrived.received_ms}

    patch.setattr(projection_batch, "first_version_row", first_version_row)


def what_came_in_an_earlier_batch_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Apply a batch without reading what it changes."""
    patch.setattr(_Batch, "_load", lambda batch, arrived: iter(()))


def the_last_reason_for_withdrawing_counts(patch: pytest.MonkeyPatch) -> None:
    """Let a second withdrawal change what the first one said."""
    real = _Batch._withdraw

    def withdraw(batch: Any, arrived: Any, change: Any) -> None:
        real(batch, arrived, change)
        row = batch._records.get(change.target)
        if row and row["log_no"] == arrived.log_no:
            batch._records.put(row | {"withdrawn": change.reason})

    patch.setattr(_Batch, "_withdraw", withdraw)


BUGS = (
    Bug(anybody_may_replace_a_record, projected),
    Bug(anybody_may_withdraw_a_record, projected),
    Bug(the_newest_clock_wins, projected),
    Bug(the_time_of_arrival_is_shown_as_the_time_of_writing, projected),
    Bug(what_came_in_an_earlier_batch_is_forgotten, projected),
    Bug(the_last_reason_for_withdrawing_counts, projected),
)
