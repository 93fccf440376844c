"""Which facts need a person, and that each condition has words; no clock and no network."""

from __future__ import annotations

from typing import Any

import pytest

from node.alerts.conditions import (
    CODES,
    DAY_MS,
    HOUR_MS,
    STARTING_MS,
    CertificateFacts,
    ConfirmationFacts,
    DamageFacts,
    DiskFacts,
    FileRoom,
    ForkFacts,
    NameFacts,
    NeighbourFacts,
    NodeFacts,
    QuotaFacts,
    ScrubFacts,
    conditions,
)
from node.web.alert_words import WORDS, alert_words
from node.web.language import languages
from storage.alert_store import Raised

NOW = 1_800_000_000_000
GB = 1_000_000_000
HJO = NeighbourFacts("ab" * 32, "1497", "Hjo kommun", NOW - 9 * DAY_MS, NOW, False, False)


def node_facts(**changes: Any) -> NodeFacts:
    """A node that has served for a day and to which nothing is the matter."""
    return NodeFacts(now_ms=NOW, serving_ms=DAY_MS)._replace(**changes)


def codes(**changes: Any) -> list[str]:
    """The codes of what holds."""
    return [raised.code for raised in conditions(node_facts(**changes))]


def test_nothing_is_the_matter_with_a_node_that_is_well() -> None:
    """What is not known is held against nobody."""
    assert conditions(node_facts()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seen_ms": NOW - DAY_MS}, "neighbour_silent"),
        ({"seen_ms": NOW - DAY_MS + 1}, ""),
        ({"seen_ms": NOW - DAY_MS, "connected": True}, ""),
        ({"seen_ms": NOW - DAY_MS, "paused": True}, ""),
        ({"seen_ms": NOW - DAY_MS, "has_left": True}, ""),
        ({"seen_ms": None, "has_left": True}, ""),
        ({"seen_ms": NOW - 9 * DAY_MS, "added_ms": NOW - HOUR_MS}, ""),
        ({"seen_ms": None}, "neighbour_never_heard"),
        ({"seen_ms": None, "added_ms": NOW - HOUR_MS}, ""),
    ],
)
def test_a_neighbour_is_silent_after_a_day(changes: dict[str, Any], code: str) -> None:
    """A day without contact, counted from the last one or from when it was added, unless it is
    paused or connected."""
    assert codes(neighbours=(HJO._replace(**changes),)) == ([code] if code else [])


@pytest.mark.parametrize("serving_ms", [None, STARTING_MS - 1])
def test_a_start_neither_raises_nor_ends_silence(serving_ms: int | None) -> None:
    """A node that has just started, or does not serve, cannot tell: what held holds."""
    silent = HJO._replace(seen_ms=NOW - 2 * DAY_MS)
    held = Raised("neighbour_silent", HJO.log, NOW - 2 * DAY_MS, {})
    changes = {"serving_ms": serving_ms, "neighbours": (silent,)}

    assert conditions(node_facts(**changes)) == []
    assert conditions(node_facts(**changes, open=(held,))) == [held]
    connected = {**changes, "neighbours": (silent._replace(connected=True),)}
    assert conditions(node_facts(**connected, open=(held,))) == []
    assert conditions(node_facts(**changes | {"neighbours": ()}, open=(held,))) == []


@pytest.mark.parametrize(
    ("free", "total", "was_open", "expected"),
    [
        (9 * GB, 200 * GB, False, True),
        (11 * GB, 200 * GB, False, False),
        (11 * GB, 200 * GB, True, True),
        (13 * GB, 200 * GB, True, False),
        (1 * GB, 8 * GB, False, False),
        (GB // 2, 8 * GB, False, True),
    ],
)
def test_a_disk_fills_and_does_not_come_and_go(
    free: int, total: int, was_open: bool, expected: bool
) -> None:
    """Little is free, as a share and in bytes; it is over when a fifth more is."""
    held = (Raised("disk_filling", "", 1, {"free_bytes": 0}),) if was_open else ()

    assert codes(disk=DiskFacts(free, total), open=held) == (["disk_filling"] if expected else [])


@pytest.mark.parametrize(
    ("life_days", "left_days", "code"),
    [
        (90, 15, ""),
        (90, 13, "own_certificate_ending"),
        (45, 10, ""),
        (45, 8, "own_certificate_ending"),
        (6, 2, ""),
        (6, 1, "own_certificate_ending"),
        (90, 0, "own_certificate_ended"),
        (90, -3, "own_certificate_ended"),
    ],
)
def test_a_certificate_ends_soon_by_its_own_measure(
    life_days: int, left_days: int, code: str
) -> None:
    """One of a few days is not told about all its life, one of ninety in good time."""
    ends_ms = NOW + left_days * DAY_MS
    shown = CertificateFacts("https://a", True, "", "", ends_ms - life_days * DAY_MS, ends_ms)

    assert codes(certificates=(shown,)) == ([code] if code else [])


def test_an_address_not_asked_yet_ends_nothing() -> None:
    """After a restart a certificate that is known to end still does until the server was asked."""
    held = Raised("neighbour_certificate_ending", "https://a", 1, {})

    assert conditions(node_facts(unasked=frozenset({"https://a"}), open=(held,))) == [held]
    assert conditions(node_facts(open=(held,))) == []


def test_a_web_site_may_be_away_for_a_day() -> None:
    """A domain that does not answer needs somebody after a day; one that says no needs them now."""
    for answer, since_ms, found in (
        ("confirmed", NOW, []),
        ("missing", NOW, ["domain_missing"]),
        ("other", NOW, ["domain_other"]),
        ("unreachable", NOW - DAY_MS + 1, []),
        ("unreachable", NOW - DAY_MS, ["domain_unreachable"]),
    ):
        assert codes(confirmation=ConfirmationFacts("hjo.se", answer, since_ms)) == found


def test_a_disk_that_changed_something_is_told_of_for_a_week() -> None:
    """Also when all of it is mended; what is not back is told as long as it is not."""
    week_ms = 7 * DAY_MS
    assert codes(damage=ScrubFacts(0, (), 0, 0)) == []
    assert codes(damage=ScrubFacts(NOW - week_ms + 1, (), 0, 0)) == ["disk_damaging"]
    assert codes(damage=ScrubFacts(NOW - week_ms, (), 0, 0)) == []
    lasting = (DamageFacts("ab" * 32, "1497", "Hjo kommun", False, 1, NOW - 99 * DAY_MS),)
    assert codes(damage=ScrubFacts(NOW - week_ms, lasting, 1, 0)) == [
        "log_damaged",
        "files_damaged",
    ]


def everything() -> list[Raised]:
    """Every condition there is, as far as two nodes can have them."""
    silent = HJO._replace(seen_ms=NOW - 2 * DAY_MS)
    never = HJO._replace(log="cd" * 32, seen_ms=None)
    log = ("ab" * 32, "1497", "Hjo kommun")
    shown = [
        CertificateFacts(f"https://{number}", is_own, "1497", "Hjo kommun", 0, NOW + left)
        for number, (is_own, left) in enumerate(
            (is_own, left) for is_own in (True, False) for left in (0, DAY_MS)
        )
    ]
    facts = [
        node_facts(
            neighbours=(silent, never),
            forks=(ForkFacts(*log, True, NOW), ForkFacts(*log, False, NOW)),
            recovering="the guard file is missing",
            tasks_healthy=False,
            disk=DiskFacts(0, GB, is_writable=False),
            files_without_room=(FileRoom("", "", "", GB), FileRoom(*log, GB)),
            quotas_reached=(QuotaFacts(*log), QuotaFacts(*log, NOW + DAY_MS)),
            names_refused=(
                NameFacts(*log, "Skövde stad", "Skövde"),
                NameFacts("cd" * 32, "1499", "Falköpings kommun", "Hj\u043e", ""),
            ),
            certificates=tuple(shown),
            key_since_ms=0,
            webhook_failing_since_ms=0,
        )
    ] + [
        node_facts(confirmation=ConfirmationFacts("hjo.se", answer, 0))
        for answer in ("missing", "other", "unreachable")
    ]
    facts.append(node_facts(is_copied=True, has_other_key=True))
    facts.append(node_facts(needs_new_key=True))
    facts.append(node_facts(waits_for_answers=True))
    damaged = (DamageFacts(*log, True, 3, NOW), DamageFacts(*log, False, 1, NOW))
    facts.append(node_facts(damage=ScrubFacts(NOW, damaged, 2, 1)))
    return [raised for one in facts for raised in conditions(one)]


def test_every_condition_can_hold_and_has_words() -> None:
    """No code without a condition that raises it, none without words, and no words for none."""
    assert {raised.code for raised in everything()} == CODES == WORDS.keys()


@pytest.mark.parametrize("raised", everything(), ids=lambda raised: raised.code)
def test_each_condition_is_said_in_every_language(raised: Raised) -> None:
    """Title, cause and one action, whole sentences, with nothing left to fill in."""
    words = alert_words(raised)
    for language in languages().values():
        texts = [language.translated(part) for part in (words.title, words.cause, words.action)]
        assert all(texts)
        assert all(text.endswith(".") for text in texts[1:])
        assert not any("%(" in text for text in texts)


def test_what_an_earlier_version_raised_is_still_shown() -> None:
    """A code without words is named by itself."""
    assert alert_words(Raised("long_gone", "", 0, {})).title == "long_gone"
