"""Places and groups of municipalities: who belongs where, and who is alike."""

from __future__ import annotations

from node.municipal import borders, municipalities, places
from node.wanted import gathered_codes


def test_every_municipality_is_in_one_county_and_one_group() -> None:
    """Counties and SKR groups each divide all 290 without rest."""
    for codes_of, names in (
        (places.place_codes, places.counties()),
        (places.group_codes, places.groups()),
    ):
        members = [code for name in names for code in codes_of(name, "")]
        assert sorted(members) == [item.code for item in municipalities.all_municipalities()]
    for item in municipalities.all_municipalities():
        assert item.code in places.place_codes(places.county_of(item.code), "")
        assert item.code in places.group_codes(places.group_of(item.code), "")
    assert places.place_codes(places.subregion_of("1498"), "") >= {"1498", "1497"}
    assert (len(places.counties()), len(places.groups())) == (21, 9)


def test_neighbours_are_those_with_a_border_or_close_by() -> None:
    """Our neighbours do not hold ourselves."""
    around = places.place_codes(places.NEIGHBOURS, "1498")

    assert set(borders.neighbours_of("1498")) <= around
    assert "1498" not in around


def test_everybody_has_somebody_alike() -> None:
    """Those alike are of the same group, the nearest in size first, never the same one."""
    for item in municipalities.all_municipalities():
        found = places.alike(item.code)
        sizes = [(one.population, item.population) for one in found]
        ratios = [max(pair) / min(pair) for pair in sizes]
        whole_group = places.group_codes(municipalities.slug_of(item.skr_group), "")

        assert found
        assert item not in found
        assert {one.skr_group for one in found} == {item.skr_group}
        assert ratios == sorted(ratios)
        assert max(ratios) <= places.SIZE_RATIO_MAX or len(found) == len(whole_group) - 1


def test_a_place_and_a_group_narrow_each_other() -> None:
    """Both chosen leave those in both; neither leaves everybody; an unknown one nobody."""
    both = gathered_codes("skaraborg", places.ALIKE, "1498")

    assert both == places.place_codes("skaraborg", "") & places.group_codes(places.ALIKE, "1498")
    assert gathered_codes("", "", "1498") is None
    assert gathered_codes("lan-99", "", "1498") == frozenset()
    assert places.alike("9999") == ()
