"""Rewrite municipalities.json, borders.json and taxonomy.json from a folder of source tables.

Usage: python node/municipal/scripts/build_facts.py FOLDER

FOLDER holds municipalities.json (SCB and SKR open data, one object a municipality),
neighbours.json (borders computed from SCB's boundaries) and taxonomy.json. The output has one
row a line, so that a change in the facts is one line in a diff. Same input, same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent

COLUMNS = {
    "code": "code",
    "name": "name",
    "official_name": "official_name",
    "county": "county",
    "population": "population_2020_rounded",
    "skr_group": "skr_group_2023",
    "subregion": "subregion",
    "latitude": "lat",
    "longitude": "lon",
}


def compact(value: object) -> str:
    """One line of JSON without spaces, å ä ö kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rows_of(rows: Iterable[object]) -> str:
    """A JSON array with one row a line."""
    return "[\n" + ",\n".join(compact(row) for row in rows) + "\n]"


def municipalities(source: list[dict[str, Any]]) -> str:
    """The municipality table: column names, then one row each in code order."""
    ordered = sorted(source, key=lambda item: item["code"])
    rows = rows_of([item[column] for column in COLUMNS.values()] for item in ordered)
    return f'{{"columns":{compact(list(COLUMNS))},\n"rows":{rows}}}\n'


def borders(source: list[dict[str, Any]]) -> str:
    """Land borders [code, code, km] and near pairs [code, code], each pair once, lower first."""
    land: dict[tuple[str, str], float] = {}
    near: set[tuple[str, str]] = set()
    for item in source:
        for other in item["neighbours"]:
            land[_pair(item["code"], other["code"])] = other["border_km"]
        near.update(_pair(item["code"], other["code"]) for other in item["near"])
    land_rows = rows_of([first, second, km] for (first, second), km in sorted(land.items()))
    near_rows = rows_of(list(pair) for pair in sorted(near - set(land)))
    return f'{{"land":{land_rows},\n"near":{near_rows}}}\n'


def taxonomy(source: dict[str, Any]) -> str:
    """The areas, one a line, in their fixed order."""
    head = {key: source[key] for key in ("version", "basis", "note")}
    return f'{compact(head)[:-1]},\n"areas":{rows_of(source["areas"])}}}\n'


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first < second else (second, first)


def main() -> None:
    """Read the three tables in the folder given and write the three package files."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python node/municipal/scripts/build_facts.py FOLDER")
    folder = Path(sys.argv[1])

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text("utf-8"))

    texts = {
        "municipalities.json": municipalities(read("municipalities.json")),
        "borders.json": borders(read("neighbours.json")),
        "taxonomy.json": taxonomy(read("taxonomy.json")),
    }
    for name, text in texts.items():
        (PACKAGE / name).write_text(text, "utf-8")
        print(f"{name}: {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
