"""The network as a node knows it: whose word counts, and what is said of ways."""

from __future__ import annotations

from collections.abc import Sequence

from node.municipal.suggested_neighbours import Why
from node.operations.known_network import KnownNetwork, add_command
from protocol.directory import Standing
from storage.introduction_queries import IntroductionRow
from storage.log_registry import LogRow
from storage.neighbour_views import LinkHistory, Neighbour

TIDAHOLM, HJO, SKOVDE, FALKOPING, KIRUNA = (bytes([n]) * 32 for n in range(1, 6))
MEMBER, INTRODUCED = Standing.MEMBER, Standing.INTRODUCED
CODES = {TIDAHOLM: "1498", HJO: "1497", SKOVDE: "1496", FALKOPING: "1499", KIRUNA: "2584"}


def row(log: bytes, standing: Standing = MEMBER, code: str | None = None) -> LogRow:
    """A log known here."""
    said = CODES[log] if code is None else code
    return LogRow(log, standing, "", 0, None, said, f"Kommun {said}", None, None, False, "")


def neighbour(log: bytes, *, paused: bool = False) -> Neighbour:
    """A node we sync with."""
    return Neighbour(log, None, "", 0, paused, LinkHistory(), LinkHistory())


def says(introducer: bytes, introduced: bytes, url: str | None = None) -> IntroductionRow:
    """An introduction in force."""
    return IntroductionRow(introduced, introducer, CODES[introduced], "", url, None)


def known(
    rows: Sequence[LogRow],
    neighbours: Sequence[Neighbour] = (),
    introductions: Sequence[IntroductionRow] = (),
    left: Sequence[bytes] = (),
) -> KnownNetwork:
    """Tidaholm's picture."""
    own = row(TIDAHOLM, Standing.OWN)
    return KnownNetwork(TIDAHOLM, [own, *rows], neighbours, introductions, left)


def steps(network: KnownNetwork) -> dict[str, int | None]:
    """How far each is, by kommunkod."""
    return {one.code: one.steps for one in network.distances()}


def test_ways_lead_over_our_neighbours_and_what_members_say_of_each_other() -> None:
    """Tidaholm – Hjo – Skövde – Kiruna, and nothing known of Falköping."""
    network = known(
        [row(HJO), row(SKOVDE), row(KIRUNA, INTRODUCED), row(FALKOPING)],
        [neighbour(HJO)],
        [says(HJO, SKOVDE), says(SKOVDE, KIRUNA)],
    )

    found = [(one.code, one.steps, one.through) for one in network.distances()]

    assert found == [
        ("1497", 1, ""),
        ("1496", 2, HJO.hex()),
        ("2584", 3, HJO.hex()),
        ("1499", None, ""),
    ]


def test_of_our_own_links_we_believe_only_ourselves() -> None:
    """Who once was our neighbour, or says to be, is none because of an introduction."""
    network = known([row(HJO)], introductions=[says(HJO, TIDAHOLM), says(TIDAHOLM, HJO)])

    assert steps(network) == {"1497": None}


def test_a_paused_contact_is_no_step_and_is_not_suggested_again() -> None:
    """Nothing comes that way, but they are neighbours."""
    network = known([row(HJO)], [neighbour(HJO, paused=True)])

    assert steps(network) == {"1497": None}
    assert network.suggested() == []


def test_only_members_are_believed() -> None:
    """What somebody says whom we have put aside makes no way, and names no address."""
    for standing in (Standing.IGNORED, Standing.BLOCKED, INTRODUCED):
        network = known(
            [row(HJO, standing), row(SKOVDE)],
            [neighbour(HJO)],
            [says(HJO, SKOVDE, "https://tidan.skovde.se")],
        )

        assert steps(network)["1496"] is None
        (suggested,) = (one for one in network.suggested() if one.code == "1496")
        assert suggested.url is None


def test_who_was_put_aside_is_not_suggested() -> None:
    """A decision about a municipality is not asked for again by another door."""
    network = known([row(HJO, Standing.IGNORED), row(SKOVDE, Standing.BLOCKED), row(FALKOPING)])

    assert [one.code for one in network.suggested()] == ["1499"]


def test_who_has_left_is_not_suggested_and_still_counted() -> None:
    """Nobody is asked to become a neighbour of who has left; ways through it stay."""
    network = known([row(HJO), row(FALKOPING)], left=[HJO])

    assert {one.code for one in network.suggested()} == {CODES[FALKOPING]}
    assert CODES[HJO] in steps(network)


def test_a_suggestion_says_why_how_far_and_where() -> None:
    """Skövde waits for a decision, is two steps away, and has said where it is."""
    network = known(
        [row(HJO), row(SKOVDE, INTRODUCED)],
        [neighbour(HJO)],
        [says(HJO, SKOVDE, "https://tidan.skovde.se/")],
    )

    (found,) = network.suggested()

    assert (found.code, found.why, found.steps) == ("1496", Why.BORDER.value, 2)
    assert (found.standing, found.url) == ("introduced", "https://tidan.skovde.se")


def test_an_address_is_named_only_when_it_is_one_and_all_agree() -> None:
    """What is no address, or differs, is left for the telephone."""
    for urls in (["javascript:x"], ["https://a.se/x?y"], ["https://a.se", "https://b.se"]):
        members = [HJO, FALKOPING][: len(urls)]
        network = known(
            [row(HJO), row(FALKOPING), row(SKOVDE)],
            [neighbour(HJO), neighbour(FALKOPING)],
            [says(who, SKOVDE, url) for who, url in zip(members, urls, strict=True)],
        )

        (found,) = network.suggested()
        assert found.url is None, urls


def test_a_kommunkod_that_two_claim_is_nobodys_unless_one_is_a_member() -> None:
    """A pretender never takes a municipality's place, nor does it keep it away."""
    both_new = known([row(SKOVDE, INTRODUCED), row(KIRUNA, INTRODUCED, "1496")])
    one_member = known([row(SKOVDE), row(KIRUNA, INTRODUCED, "1496")])
    as_ourselves = known([row(KIRUNA, MEMBER, "1498")])

    assert both_new.suggested() == []
    assert [one.log for one in one_member.suggested()] == [SKOVDE.hex()]
    assert as_ourselves.suggested() == []


def test_a_relay_without_a_kommunkod_is_a_step_on_the_way() -> None:
    """A node that only passes on is counted, and is never suggested."""
    network = known(
        [row(KIRUNA, MEMBER, ""), row(SKOVDE)], [neighbour(KIRUNA)], [says(KIRUNA, SKOVDE)]
    )

    found = [(one.code, one.steps, one.through) for one in network.distances()]

    assert found == [("", 1, ""), ("1496", 2, KIRUNA.hex())]
    assert [one.code for one in network.suggested()] == ["1496"]


def test_a_node_whose_own_name_is_not_here_yet_suggests_nothing_wrong() -> None:
    """Before its own first entry is back, a node knows no place of its own."""
    network = KnownNetwork(TIDAHOLM, [row(HJO)], [neighbour(HJO)], [])

    assert network.suggested() == []
    assert steps(network) == {"1497": 1}


def test_the_command_can_be_pasted() -> None:
    """An address stands as it is, an unknown one as a word to replace; nothing else is run."""
    assert add_command("https://tidan.hjo.se", "ab") == (
        "tidan peer add https://tidan.hjo.se --log ab"
    )
    assert add_command("https://a.se; reboot", "ab") == (
        "tidan peer add 'https://a.se; reboot' --log ab"
    )
    assert add_command(None, "ab") == "tidan peer add ADDRESS --log ab"
