"""Counts that are moved on by what changed are those that counting anew gives."""

from __future__ import annotations

from random import Random

from storage.record_views import Facets, RecordFilter
from storage.tally import Kind, Kinds, Tally

TYPES = ("erfarenhet", "fraga")
AREAS = ("skola", "skola.forskola", "it", "it.drift")
STATUSES = ("ide", "drift", "avbrutet")
CODES = ("1401", "1402", "1403", "1404")
LOGS = 8
FILTERS = (
    RecordFilter(),
    RecordFilter(area="skola"),
    RecordFilter(area="it.drift", status="drift"),
    RecordFilter(type="fraga"),
    RecordFilter(type="fraga", area="it"),
    RecordFilter(municipality="1402"),
    RecordFilter(municipality="1402", codes=frozenset({"1401"})),
    RecordFilter(status="ide", codes=frozenset({"1401", "1403"})),
)


def some_kinds(random: Random) -> dict[Kind, int]:
    """What a log may hold."""
    made = (
        Kind(random.choice(TYPES), random.choice(AREAS), random.choice(STATUSES))
        for _ in range(random.randrange(6))
    )
    return {kind: random.randrange(1, 5) for kind in made}


def counted_anew(held: dict[int, tuple[str, Kinds]], filter: RecordFilter) -> tuple[Facets, int]:
    """What a tally answers that was never asked before."""
    tally = Tally()
    for log_no, (code, kinds) in held.items():
        tally.put(log_no, code, kinds)
    return tally.facets(filter), tally.total(filter)


def test_answers_move_on_with_what_changed() -> None:
    """After any change of a log, also of whose it is, each answer is what counting anew gives."""
    random = Random("tally")
    tally = Tally()
    held: dict[int, tuple[str, Kinds]] = {}
    for _ in range(400):
        log_no = random.randrange(LOGS)
        held[log_no] = (random.choice(CODES), some_kinds(random))
        tally.put(log_no, *held[log_no])
        for wanted in random.sample(FILTERS, 3):
            facets, total = counted_anew(held, wanted)
            if random.random() < 0.5:
                assert tally.total(wanted) == total
            assert tally.facets(wanted) == facets
            assert tally.total(wanted) == total


def test_an_answer_that_lacks_much_is_counted_anew() -> None:
    """An answer from before more changes than are kept is as right as any other."""
    random = Random("long ago")
    tally = Tally()
    held: dict[int, tuple[str, Kinds]] = {}
    tally.facets(FILTERS[1])
    for _ in range(1_000):
        log_no = random.randrange(LOGS)
        held[log_no] = (CODES[log_no % len(CODES)], some_kinds(random))
        tally.put(log_no, *held[log_no])

    assert (tally.facets(FILTERS[1]), tally.total(FILTERS[1])) == counted_anew(held, FILTERS[1])


def test_an_answer_that_was_given_stays_as_it_was() -> None:
    """Whoever was given an answer reads one state, whatever is counted meanwhile."""
    tally = Tally()
    kind = Kind("fraga", "skola", "ide")
    tally.put(1, "1401", {kind: 2})
    before = tally.facets(RecordFilter())
    tally.put(1, "1401", {kind: 3})

    assert before.types == {"fraga": 2}
    assert tally.facets(RecordFilter()).types == {"fraga": 3}
