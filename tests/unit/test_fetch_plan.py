"""The fetch plan: each log from one neighbour, the load shared, nobody waited for in vain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol.fetch_plan import Fetch, FetchPlan, Storing
from protocol.limits import (
    FETCH_RETRY_MS,
    FETCH_STARVED_TIMEOUT_MS,
    FETCH_TIMEOUT_MS,
    FETCHES_PER_LINK_MAX,
)


def log_id(number: int) -> bytes:
    """Return a log id."""
    return number.to_bytes(32, "big")


class Planner:
    """A plan with heads and a clock of its own."""

    def __init__(self) -> None:
        self.plan = FetchPlan()
        self.heads: dict[bytes, int] = {}
        self.storing = Storing()
        self.now_ms = 0

    def offer(self, number: int, link: int, sequence: int) -> None:
        """A neighbour offers a log."""
        self.plan.offer(log_id(number), link, sequence)

    def assign(self) -> list[Fetch]:
        """Start what can be started now."""
        return self.plan.assign(self.now_ms, lambda log: self.heads.get(log, 0), self.storing.holds)

    def assigned(self) -> list[tuple[int, int, int, int]]:
        """Start what can be started now, as (log number, link, after, through)."""
        return [
            (int.from_bytes(fetch.log, "big"), fetch.link, fetch.after, fetch.through)
            for fetch in self.assign()
        ]


def test_a_log_is_asked_of_one_neighbour() -> None:
    """Two offers of one log lead to one request; a further offer to none while it runs."""
    planner = Planner()
    planner.offer(1, link=1, sequence=5)
    planner.offer(1, link=2, sequence=5)
    assert planner.assigned() == [(1, 1, 0, 5)]
    planner.offer(1, link=2, sequence=6)
    assert planner.assigned() == []


def test_a_link_is_busy_from_its_first_request_to_its_last() -> None:
    """Files give way as long as one log is on its way, and no longer."""
    planner = Planner()
    assert not planner.plan.is_busy(1)
    for number in (1, 2):
        planner.offer(number, link=1, sequence=5)
    planner.assign()
    for number, busy in ((1, True), (2, False)):
        assert planner.plan.is_busy(1)
        planner.plan.reached(log_id(number), 5)
        assert planner.plan.is_busy(1) is busy
    assert not planner.plan.is_busy(2)


def test_a_link_that_is_gone_leaves_nothing_behind() -> None:
    """What it did not deliver is held against none that comes after it."""
    planner = Planner()
    planner.offer(1, link=1, sequence=5)
    planner.assign()
    planner.plan.failed(log_id(1), 1, planner.now_ms)
    assert planner.assigned() == []
    planner.plan.drop_link(1)
    planner.offer(1, link=1, sequence=5)
    assert planner.assigned() == [(1, 1, 0, 5)]


def test_requests_are_shared_among_neighbours() -> None:
    """Logs that two neighbours offer are asked of both in equal parts."""
    planner = Planner()
    for number in range(10):
        for link in (1, 2):
            planner.offer(number, link, 5)
    links = [link for _, link, *_ in planner.assigned()]
    assert links.count(1) == links.count(2) == 5


def test_what_is_held_is_not_asked_for() -> None:
    """Offers up to our own head are forgotten; larger ones start after it."""
    planner = Planner()
    planner.heads = {log_id(1): 5, log_id(2): 5}
    planner.offer(1, 1, 5)
    planner.offer(2, 1, 8)
    assert planner.assigned() == [(2, 1, 5, 8)]


def test_a_log_whose_runs_are_being_stored_waits() -> None:
    """What has come but is not yet durable is not asked for a second time."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.storing.begin(log_id(1), 2)
    assert planner.assigned() == []
    planner.storing.end(log_id(1), 2)
    assert planner.assigned() == [(1, 1, 0, 5)]


def test_the_next_part_follows_when_a_part_is_reached() -> None:
    """A fetch ends when our head reaches it; what was offered meanwhile is asked for next."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.assign()
    planner.offer(1, 1, 9)
    planner.heads[log_id(1)] = 4
    assert planner.plan.reached(log_id(1), 4) is None
    planner.heads[log_id(1)] = 5
    assert planner.plan.reached(log_id(1), 5) is not None
    assert planner.assigned() == [(1, 1, 5, 9)]


def test_requests_to_one_neighbour_are_bounded() -> None:
    """Never more logs under way from one neighbour than the bound."""
    planner = Planner()
    for number in range(FETCHES_PER_LINK_MAX + 10):
        planner.offer(number, 1, 1)
    assert len(planner.assigned()) == planner.plan._load[1] == FETCHES_PER_LINK_MAX
    planner.plan.reached(log_id(0), 1)
    planner.heads[log_id(0)] = 1
    assert len(planner.assigned()) == 1


def test_a_silent_neighbour_loses_its_requests() -> None:
    """Without any progress the time-out passes a log to another neighbour, and rests the first."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.offer(1, 2, 5)
    planner.assign()
    planner.now_ms = FETCH_TIMEOUT_MS - 1
    assert planner.plan.expire(planner.now_ms) == []
    planner.now_ms += 1
    assert [fetch.link for fetch in planner.plan.expire(planner.now_ms)] == [1]
    assert planner.assigned() == [(1, 2, 0, 5)]


def test_the_only_neighbour_is_asked_again_after_a_rest() -> None:
    """A log that only one neighbour has is not given up."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.assign()
    planner.plan.failed(log_id(1), 1, planner.now_ms)
    assert planner.assigned() == []
    planner.now_ms += FETCH_RETRY_MS
    assert planner.assigned() == [(1, 1, 0, 5)]


def test_a_busy_neighbour_has_more_time_but_not_for_ever() -> None:
    """Progress with other logs keeps a request alive, up to a second bound."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.offer(2, 1, 5)
    planner.assign()
    late = []
    while not late:
        planner.now_ms += FETCH_TIMEOUT_MS // 2
        planner.plan.progress(log_id(2), 1, planner.now_ms)
        late = planner.plan.expire(planner.now_ms)
    assert [fetch.log for fetch in late] == [log_id(1)]
    assert planner.now_ms >= FETCH_STARVED_TIMEOUT_MS


def test_a_lost_link_frees_its_requests() -> None:
    """When a connection is gone its requests go to whoever else offers the log."""
    planner = Planner()
    for link in (1, 2):
        planner.offer(1, link, 5)
    planner.assign()
    planner.plan.drop_link(1)
    assert planner.assigned() == [(1, 2, 0, 5)]
    planner.plan.drop_link(2)
    assert planner.assigned() == []


def test_a_barred_log_is_not_asked_of_that_neighbour_again() -> None:
    """A neighbour that spoiled a log is not asked for it; another is."""
    planner = Planner()
    planner.offer(1, 1, 5)
    planner.assign()
    planner.plan.forbid(log_id(1), 1)
    assert planner.assigned() == []
    planner.offer(1, 2, 5)
    assert planner.assigned() == [(1, 2, 0, 5)]


def test_runs_of_a_link_that_is_gone_are_awaited_no_more() -> None:
    """However many had come: their outcome is told to nobody, and the log is asked for anew."""
    storing = Storing()
    for link, runs in ((1, 3), (2, 1)):
        for _ in range(runs):
            storing.begin(log_id(1), link)
    storing.drop_link(1)
    assert storing.holds(log_id(1))
    storing.drop_link(2)
    assert not storing.holds(log_id(1))


def test_a_log_that_one_neighbour_spoiled_waits_for_another() -> None:
    """Also before anything was asked for; with nobody left nothing is missing."""
    planner = Planner()
    for link in (1, 2):
        planner.offer(1, link, sequence=5)
    planner.plan.forbid(log_id(1), 1)
    assert planner.assigned() == [(1, 2, 0, 5)]
    planner.plan.failed(log_id(1), 2, planner.now_ms)
    planner.plan.forbid(log_id(1), 2)
    assert planner.plan.missing(lambda log: 0) == 0
    assert planner.assigned() == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["offer", "reach", "fail", "forbid", "drop log", "drop link", "wait"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(1, 9),
    ),
    max_size=40,
)


@given(STEPS)
def test_the_plan_keeps_its_books(steps: list[tuple[str, int, int, int]]) -> None:
    """Whatever happens, the load of a link is the number of its requests, one a log at most."""
    planner = Planner()
    active: dict[bytes, Fetch] = {}
    for action, number, link, sequence in steps:
        log = log_id(number)
        match action:
            case "offer":
                planner.offer(number, link, sequence)
            case "reach":
                planner.heads[log] = max(sequence, planner.heads.get(log, 0))
                planner.plan.reached(log, planner.heads[log])
            case "fail":
                planner.plan.failed(log, link, planner.now_ms)
            case "forbid":
                planner.plan.forbid(log, link)
            case "drop log":
                planner.plan.drop_log(log)
            case "drop link":
                planner.plan.drop_link(link)
            case "wait":
                planner.now_ms += sequence * FETCH_TIMEOUT_MS
                planner.plan.expire(planner.now_ms)
        active = {key: fetch for key, fetch in active.items() if planner.plan.active(key) is fetch}
        for fetch in planner.assign():
            assert fetch.log not in active
            assert fetch.through > fetch.after == planner.heads.get(fetch.log, 0)
            active[fetch.log] = fetch
        for each in range(4):
            assert planner.plan._load.get(each, 0) == sum(
                item.link == each for item in active.values()
            )
