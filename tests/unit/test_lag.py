"""How far two neighbours are behind each other."""

from __future__ import annotations

from factories import LogMaker
from protocol.directory import Directory, LogView, Standing
from protocol.lag import Lag, lag

OWN, HJO, SKARA = LogMaker(1), LogMaker(2, code="1497"), LogMaker(3, code="1495")


def a_directory() -> Directory:
    """Our own log and Hjo's, three entries each; Skara's waits for a decision."""
    directory = Directory()
    for maker, standing in ((OWN, Standing.OWN), (HJO, Standing.MEMBER)):
        while maker.head.sequence < 3:
            maker.append()
        directory.put(LogView(maker.log, standing, maker.head))
    directory.put(LogView(SKARA.log, Standing.INTRODUCED))
    return directory


def test_each_side_lacks_what_the_other_holds() -> None:
    """Missing entries are added up over the logs, each way for itself."""
    assert lag(a_directory(), {OWN.log: 1, HJO.log: 5}) == Lag(behind_in=2, behind_out=2)


def test_a_log_that_is_not_taken_is_no_lag() -> None:
    """Neither what we do not accept, nor what the neighbour holds nothing of, but our own log."""
    assert lag(a_directory(), {SKARA.log: 9}) == Lag(0, behind_out=3)


def test_a_frozen_log_is_no_lag() -> None:
    """Nothing more is taken of it, so nothing of it is missing."""
    directory = a_directory()
    view = directory.get(HJO.log)
    assert view is not None
    directory.put(view._replace(frozen=True))

    assert lag(directory, {OWN.log: 3, HJO.log: 9}).behind_in == 0
