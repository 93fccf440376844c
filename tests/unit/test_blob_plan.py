"""Which file is asked of which neighbour, and how many at once."""

from __future__ import annotations

from memory_blobs import blob_of
from protocol.blob_plan import BlobPlan
from protocol.limits import BLOBS_UNDER_WAY_MAX


def test_so_many_files_are_under_way_and_no_more() -> None:
    """However many neighbours are free; the next file begins once one has gone."""
    plan = BlobPlan()
    blobs = [blob_of(b"%d" % number) for number in range(BLOBS_UNDER_WAY_MAX + 2)]
    for blob in blobs:
        plan.add(blob, 0, 0)
    links = list(range(len(blobs)))
    plan.assign(links, 0)
    assert plan.busy_links() == links[:-2]

    plan.remove(blobs[0])
    plan.assign(links[1:], 0)
    assert plan.busy_links() == links[1:-1]


def test_more_neighbours_than_files_is_no_trouble() -> None:
    """Who has nothing to be asked for is left alone."""
    plan = BlobPlan()
    plan.add(blob_of(b"alone"), 0, 0)
    plan.assign([1, 2, 3], 0)
    assert plan.busy_links() == [1]
