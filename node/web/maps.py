"""Small maps: municipalities shaded by how much they share, with the same figures as rows.

Pure: outlines from node/municipal, counts by kommunkod from storage. A map is never alone: whoever
shows one shows its rows too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from node.municipal import borders, municipalities, outlines
from storage.swedish_order import sort_key

LEVEL_LIMITS = (1, 4, 8, 20)
PLACES_SHOWN = 20
COUNTIES_MAX = 3
COUNTY_DIGITS = 2
IN_FULL_MIN = 200
"""With so many municipalities beside it, a map of all in full is smaller than a coarse one more."""


class Shape(NamedTuple):
    """One municipality on a map; `level` 0–4 says how dark it is, `records` how many it shares.

    `path` is empty where the map has the full outline, which the page defines once for all.
    """

    code: str
    path: str
    level: int
    name: str
    records: int | None
    own: bool


class MapPicture(NamedTuple):
    """Shapes in one coordinate system and the view box around them."""

    view_box: str
    shapes: tuple[Shape, ...]


class Place(NamedTuple):
    """A row beside the map."""

    code: str
    name: str
    records: int
    level: int


def level_of(records: int) -> int:
    """0 for none, then 1–4."""
    return bisect_right(LEVEL_LIMITS, records)


def _picture(
    region: outlines.RegionMap, records: Mapping[str, int], own: str, *, in_full: bool = True
) -> MapPicture:
    # The own outline is drawn last, so that its border lies on top.
    ordered = sorted(region.outlines, key=lambda outline: outline.code == own)
    shapes = tuple(
        Shape(
            outline.code,
            "" if in_full else outline.path,
            level_of(records.get(outline.code, 0)),
            municipalities.name_of(outline.code),
            records.get(outline.code, 0),
            outline.code == own,
        )
        for outline in ordered
    )
    return MapPicture(region.view_box, shapes)


def neighbourhood(
    own: str, records: Mapping[str, int], *, around_only: bool = False
) -> tuple[MapPicture | None, list[Place]]:
    """A municipality, those around it, and those around them that share here.

    The rows are those of the picture when `around_only`; else all that share, wherever they are.
    """
    codes = _codes_around(own, records)
    region = outlines.region_map(sorted(codes))
    picture = _picture(region, records, own) if region else None
    wanted = codes if around_only else {code for code in records if records[code]} | {own}
    shown = list(wanted)
    shown.sort(key=lambda code: (-records.get(code, 0), sort_key(municipalities.name_of(code))))
    places = [
        Place(
            code, municipalities.name_of(code), records.get(code, 0), level_of(records.get(code, 0))
        )
        for code in shown[:PLACES_SHOWN]
    ]
    return picture, places


def _codes_around(own: str, records: Mapping[str, int]) -> set[str]:
    first = set(borders.neighbours_of(own)) | set(borders.near(own))
    second = {code for near in first for code in borders.neighbours_of(near) if code in records}
    return {own} | first | second


def sharing(own: str, records: Mapping[str, int]) -> MapPicture:
    """The neighbourhood when all that share lie in it, else the network."""
    around = _codes_around(own, records)
    if around.issuperset(code for code in records if records[code]):
        region = outlines.region_map(sorted(around))
        if region is not None:
            return _picture(region, records, own)
    return network(own, records)


def network(own: str, records: Mapping[str, int]) -> MapPicture:
    """The counties that share here, in full detail while they are few; else all of Sweden.

    Of that the map is coarse, unless so many share that the page has their outlines anyway.
    """
    counties = {code[:COUNTY_DIGITS] for code in {own, *records} if code}
    if len(counties) > COUNTIES_MAX and len(records) < IN_FULL_MIN:
        return _picture(outlines.country_map(), records, own, in_full=False)
    everywhere = [place.code for place in municipalities.all_municipalities()]
    chosen = [code for code in everywhere if code[:COUNTY_DIGITS] in counties]
    region = outlines.region_map(chosen if len(counties) <= COUNTIES_MAX else everywhere)
    if region is None:
        return _picture(outlines.country_map(), records, own, in_full=False)
    return _picture(region, records, own)


def users(sender: str, codes: Iterable[str]) -> MapPicture | None:
    """The sender and those who use what it describes; None when nobody does."""
    using = set(codes)
    region = outlines.region_map(sorted({sender} | using)) if using else None
    if region is None:
        return None
    picture = _picture(region, dict.fromkeys(using, LEVEL_LIMITS[2]), sender)
    shapes = tuple(shape._replace(records=None) for shape in picture.shapes)
    return picture._replace(shapes=shapes)
