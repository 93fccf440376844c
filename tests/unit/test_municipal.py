"""Municipal facts: every municipality, border, area and outline is there and holds together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from node.municipal import borders, municipalities, outlines, taxonomy

SKARABORG_NAMES = {
    "Essunga", "Falköping", "Grästorp", "Gullspång", "Götene", "Hjo", "Karlsborg", "Lidköping",
    "Mariestad", "Skara", "Skövde", "Tibro", "Tidaholm", "Töreboda", "Vara",
}  # fmt: skip

ALL_CODES = [item.code for item in municipalities.all_municipalities()]


def test_all_290_municipalities_with_distinct_codes_and_names() -> None:
    """The table holds each of the 290 municipalities once."""
    everyone = municipalities.all_municipalities()
    assert len(everyone) == 290
    assert len({item.code for item in everyone}) == len({item.name for item in everyone}) == 290
    assert all(re.fullmatch(r"\d{4}", item.code) for item in everyone)


def test_a_municipality_is_found_by_its_code() -> None:
    """Tidaholm is found by its code, with both its names."""
    tidaholm = municipalities.by_code("1498")
    assert tidaholm is not None
    assert (tidaholm.name, tidaholm.official_name) == ("Tidaholm", "Tidaholms kommun")
    assert tidaholm.county == "Västra Götalands län"


def test_unknown_codes_give_none_and_the_code_as_name() -> None:
    """A code the table does not have is no error, so newer municipalities can be shown."""
    assert municipalities.by_code("9999") is None
    assert municipalities.name_of("9999") == "9999"
    assert municipalities.name_of("1497") == "Hjo"


@pytest.mark.parametrize(
    ("code", "slug"),
    [("1498", "1498-tidaholm"), ("1438", "1438-dals-ed"), ("0114", "0114-upplands-vasby"),
     ("1492", "1492-amal"), ("1499", "1499-falkoping")],
)  # fmt: skip
def test_slugs_are_plain_addresses(code: str, slug: str) -> None:
    """A slug holds the code and the name without å, ä, ö or spaces."""
    municipality = municipalities.by_code(code)
    assert municipality is not None
    assert municipality.slug == slug


def test_every_slug_is_unique_and_ascii() -> None:
    """No two municipalities share an address."""
    slugs = {item.slug for item in municipalities.all_municipalities()}
    assert len(slugs) == 290
    assert all(re.fullmatch(r"\d{4}-[a-z]+(-[a-z]+)*", slug) for slug in slugs)


def test_facts_are_plausible() -> None:
    """Every municipality has a county, a population, a group and a point inside Sweden."""
    for item in municipalities.all_municipalities():
        assert item.county.endswith("län")
        assert item.skr_group
        assert item.population > 2000
        assert 55.2 < item.latitude < 69.1
        assert 10.9 < item.longitude < 24.3


def test_skaraborg_is_the_fifteen() -> None:
    """Skaraborg is exactly its 15 municipalities."""
    assert {item.name for item in municipalities.skaraborg()} == SKARABORG_NAMES


def test_borders_are_symmetric_and_between_known_municipalities() -> None:
    """A border has two sides of the same length and nobody borders itself."""
    for code in ALL_CODES:
        for other in borders.neighbours_of(code):
            assert other != code
            assert municipalities.by_code(other)
            assert code in borders.neighbours_of(other)
            length_km = borders.border_length_km(code, other)
            assert length_km == borders.border_length_km(other, code) > 0
        assert all(code in borders.near(other) for other in borders.near(code))


def test_tidaholm_borders_its_five_neighbours() -> None:
    """Tidaholm borders Falköping, Habo, Hjo, Mullsjö and Skövde, and not Tibro."""
    names = {municipalities.name_of(code) for code in borders.neighbours_of("1498")}
    assert names == {"Falköping", "Habo", "Hjo", "Mullsjö", "Skövde"}
    assert borders.border_length_km("1498", "1472") == 0.0


def test_only_islands_lack_a_land_border() -> None:
    """The municipalities without a land border are those on islands of their own."""
    alone = {municipalities.name_of(code) for code in ALL_CODES if not borders.neighbours_of(code)}
    assert alone == {"Ekerö", "Gotland", "Lidingö", "Tjörn", "Öckerö"}


def test_taxonomy_has_12_areas_and_64_subareas() -> None:
    """The taxonomy holds 12 areas and 64 subareas with distinct ids and both languages."""
    areas = taxonomy.areas()
    subareas = [sub for area in areas for sub in area.subareas]
    assert (len(areas), len(subareas)) == (12, 64)
    ids = [area.id for area in areas] + [sub.id for sub in subareas]
    assert len(set(ids)) == 76
    found = [taxonomy.find(area_id) for area_id in ids]
    assert all(item and item.sv and item.en for item in found)
    assert all(sub.id.startswith(f"{area.id}.") for area in areas for sub in area.subareas)


def test_areas_are_found_labelled_and_have_parents() -> None:
    """An id leads to its label and area; an unknown id is shown as it is."""
    assert taxonomy.label("aldre") == "Äldreomsorg"
    assert taxonomy.label("aldre.hemtjanst", "en") == "Home care"
    assert taxonomy.label("okant.omrade") == "okant.omrade"
    parent = taxonomy.parent("aldre.hemtjanst")
    assert parent is not None
    assert parent.id == "aldre"
    assert taxonomy.parent("aldre") == parent
    assert taxonomy.find("okant") is None
    assert taxonomy.parent("okant.x") is None


def _points(path: str) -> list[list[tuple[int, int]]]:
    """The rings of a path made of "M x y l dx dy … z", as absolute points."""
    rings = []
    for part in path.split("z")[:-1]:
        start, steps = re.fullmatch(r"M(-?\d+ -?\d+)l([-\d ]+)", part).groups()  # type: ignore[union-attr]
        x, y = map(int, start.split())
        numbers = [int(text) for text in re.findall(r"-?\d+", steps)]
        ring = [(x, y)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(ring)
    return rings


def _is_inside(x: int, y: int, rings: list[list[tuple[int, int]]]) -> bool:
    """Even-odd rule, as the outlines are drawn."""
    inside = False
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                inside = not inside
    return inside


@pytest.mark.parametrize("code", ALL_CODES)
def test_every_municipality_has_a_valid_outline(code: str) -> None:
    """Each outline is closed rings that fill its view box, with its centre inside."""
    outline = outlines.outline(code)
    assert outline is not None
    rings = _points(outline.path)
    assert rings
    assert all(len(ring) >= 3 for ring in rings)
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    assert outline.box == (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    left, top, width, height = map(int, outline.view_box.split())
    assert left <= min(xs)
    assert top <= min(ys)
    assert left + width >= max(xs)
    assert top + height >= max(ys)
    assert _is_inside(outline.center_x, outline.center_y, rings)


def test_outlines_keep_their_proportions_and_places() -> None:
    """Gotland is taller than wide, Kiruna lies north of Malmö, and unknown codes give None."""
    gotland, kiruna, malmo = (outlines.outline(code) for code in ("0980", "2584", "1280"))
    assert gotland
    assert kiruna
    assert malmo
    assert 1.2 < gotland.box[3] / gotland.box[2] < 3
    assert kiruna.center_y < malmo.center_y
    assert outlines.outline("9999") is None


def test_a_region_map_holds_its_outlines_and_leaves_out_unknown_codes() -> None:
    """A map of Skaraborg has its 15 outlines inside one view box."""
    codes = [item.code for item in municipalities.skaraborg()]
    region = outlines.region_map([*codes, "9999"])
    assert region is not None
    assert [item.code for item in region.outlines] == codes
    left, top, width, height = map(int, region.view_box.split())
    for item in region.outlines:
        assert left <= item.box[0]
        assert item.box[0] + item.box[2] <= left + width
        assert top <= item.box[1]
        assert item.box[1] + item.box[3] <= top + height
    assert outlines.region_map(["9999"]) is None


def test_the_country_map_has_all_of_them_and_is_small() -> None:
    """The map of Sweden holds all 290, and the outline files stay light."""
    assert [item.code for item in outlines.country_map().outlines] == sorted(ALL_CODES)
    folder = Path(outlines.__file__).parent
    assert (folder / "outlines.json").stat().st_size < 400_000
    assert (folder / "country.json").stat().st_size < 60_000
