"""The figures in `docs/reliability.md`, made from `docs/results` by `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.proof_results import kept
from tests.proof_stretches import told

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: begin, written by `make docs` -->", "<!-- figures: end -->"


def page() -> str:
    """The page as it stands, with its figures as the result files have them."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [section(result) for result in kept().values()]
    return f"{before}{BEGIN}\n\n{''.join(parts)}{END}{after}"


def section(result: dict[str, Any]) -> str:
    """Heading, command, table and notes of one programme, as Markdown."""
    rows = [
        f"| {line['figure']} | {line['measured']} | {line['at_least']} | {line['aim']} |"
        for line in result["lines"]
    ]
    played = [f"Played at {line}" for line in told(result.get("stretches", []))]
    notes = "".join(f"- {note}\n" for note in [*result["notes"], *played])
    return "\n".join(
        [
            f"### {result['title']}",
            "",
            f"`{result['command']}`, {result['made']}; {result['machine']}",
            "",
            "| figure | measured | at least | aim |",
            "|---|---|---|---|",
            *rows,
            "",
            f"{notes}\n" if notes else "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
