"""How far, how fast and how long: the arithmetic behind the bar, and its words."""

from __future__ import annotations

import pytest

from node.cli.progress import share, size, stage_details
from node.operations.operation_views import SyncProgress
from node.pace import SAMPLE_MS, WINDOW_MS, Pace, make_stage
from node.sync.progress import SyncMeter
from node.web.progress_words import WORTH_TELLING_ENTRIES, in_words, is_worth_telling
from protocol.fetch_plan import FetchPlan

NB = "\N{NO-BREAK SPACE}"


def test_a_pace_is_that_of_the_last_seconds() -> None:
    """What was fast long ago does not hide that it is slow now."""
    pace = Pace()
    for second in range(10):
        pace.note(second * 1_000, second * 5_000)
    fast = pace.per_second()
    for second in range(10, 20):
        pace.note(second * 1_000, 45_000 + (second - 9) * 10)

    assert fast == 5_000
    assert pace.per_second() == 10


def test_a_pace_that_stops_is_nothing() -> None:
    """A count that stands still for the whole window has no speed, and so no time left."""
    pace = Pace()
    pace.note(0, 0)
    for moment in range(1_000, 1_000 + 2 * WINDOW_MS, 500):
        pace.note(moment, 700)

    assert pace.per_second() == 0
    assert make_stage(700, 300, pace.per_second()).seconds_left is None


def test_a_pace_is_not_guessed_from_a_moment() -> None:
    """Two looks in quick succession say nothing about speed."""
    pace = Pace()
    pace.note(0, 0)
    pace.note(SAMPLE_MS, 1_000)

    assert pace.per_second() == 0


def test_a_count_that_falls_is_no_negative_speed() -> None:
    """Projections that are dropped and begun anew never give a time left below zero."""
    pace = Pace()
    pace.note(0, 900)
    pace.note(1_000, 100)

    assert pace.per_second() == 0


def test_a_pace_asked_often_stays_small() -> None:
    """Many who look at once do not make it remember more."""
    pace = Pace()
    for moment in range(20_000):
        pace.note(moment, moment)

    assert pace.per_second() == pytest.approx(1_000, rel=0.1)
    assert len(pace._samples) <= WINDOW_MS // SAMPLE_MS + 1  # its bound


def test_a_meter_tells_entries_bytes_speed_and_time() -> None:
    """A thousand entries a second, with nine thousand to go, take nine seconds."""
    meter = SyncMeter()
    for second in range(4):
        meter.receive(400_000)
        meter.look(second * 1_000, held=1_000 * second, missing=12_000 - 1_000 * second)
    reading = meter.reading(held=3_000, missing=9_000)

    assert (reading.entries.done, reading.entries.total) == (3_000, 12_000)
    assert (reading.entries.per_second, reading.entries.seconds_left) == (1_000, 9)
    assert (reading.received_bytes, reading.bytes_per_second) == (1_600_000, 400_000)


def test_bytes_begin_anew_with_the_next_sync() -> None:
    """What came last month is not counted into what comes today."""
    meter = SyncMeter()
    meter.receive(5_000)
    meter.look(0, held=1, missing=10)
    meter.look(1_000, held=11, missing=0)
    while_fresh = meter.reading(11, 0).received_bytes
    meter.look(2 * WINDOW_MS, held=11, missing=0)
    meter.receive(70)

    assert while_fresh == 5_000
    assert meter.reading(11, 5).received_bytes == 70


def test_an_entry_that_two_neighbours_offer_is_missing_once() -> None:
    """The total is what is missing here, not what neighbours hold together."""
    plan = FetchPlan()
    plan.offer(b"a" * 32, 1, 100)
    plan.offer(b"a" * 32, 2, 70)
    plan.offer(b"b" * 32, 2, 5)
    held = {b"a" * 32: 40, b"b" * 32: 9}

    assert plan.missing(held.__getitem__) == 60
    plan.drop_link(1)
    assert plan.missing(held.__getitem__) == 30


def progress_with(fetch_left: int, show_left: int, *, compared: int = 1) -> SyncProgress:
    """How a node with 12,400 entries stands."""
    left = fetch_left + show_left
    return SyncProgress(
        fetched=make_stage(12_400, fetch_left, 2_134.0 if fetch_left else 0.0),
        received_bytes=3_100_000,
        bytes_per_second=0.0,
        shown=make_stage(12_400 - show_left, show_left, 0.0),
        neighbours=1,
        connected=compared,
        compared=compared,
        settled=bool(compared) and not left,
    )


def test_staff_read_how_far_it_is_in_plain_swedish() -> None:
    """Numbers have their spaces, the speed two digits, and the time is said to be rough."""
    words = in_words(progress_with(40_600, 12_000))

    assert words.label == f"Hämtar: 12{NB}400 av 53{NB}000{NB}poster"
    assert words.details == (
        f"ungefär 20{NB}sekunder kvar",
        f"2{NB}100{NB}poster/s",
        f"3,1{NB}MB hämtat",
    )
    assert (words.done, words.total) == (12_400, 53_000)


def test_what_is_fetched_is_then_made_searchable() -> None:
    """The second stage has a bar of its own; without a speed no time is promised."""
    words = in_words(progress_with(0, 9_000))

    assert words.label == f"Gör läsbart och sökbart: 3{NB}400 av 12{NB}400{NB}poster"
    assert words.details == ()


def test_a_lost_contact_is_not_called_done() -> None:
    """Without a neighbour in contact nobody knows whether all is here."""
    assert not in_words(progress_with(0, 0, compared=0)).is_over
    assert in_words(progress_with(0, 0)).is_over


def test_a_few_entries_are_no_news() -> None:
    """What comes as people write shows no bar."""
    assert not is_worth_telling(progress_with(WORTH_TELLING_ENTRIES - 1, 3))
    assert is_worth_telling(progress_with(WORTH_TELLING_ENTRIES, 0))
    assert is_worth_telling(progress_with(0, WORTH_TELLING_ENTRIES))


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, 100), (0, 9, 0), (9_999, 10_000, 99), (7, 7, 100)]
)
def test_a_hundred_percent_means_done(done: int, total: int, percent: int) -> None:
    """A bar never says that all is here while something is missing."""
    assert share(done, total).endswith(f"({percent} %)")


def test_figures_at_the_terminal_are_short() -> None:
    """Sizes and times have one unit, and an unknown time is not shown at all."""
    assert [size(12), size(3_140_000)] == ["12 B", "3.1 MB"]
    assert stage_details({"seconds_left": 95, "per_second": 2_134.6}) == [
        "about 2 min left",
        "2,135 entries/s",
    ]
    assert stage_details({"seconds_left": None, "per_second": 0.0}) == []
