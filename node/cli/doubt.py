"""What may be missing of our own log, in plain words, before somebody decides about it."""

from __future__ import annotations

from typing import Any

from node.errors import ArgumentError


def doubt_lines(doubt: dict[str, Any]) -> list[str]:
    """What is known, who has been asked, and what a new key changes."""
    here, through = doubt["sequence"], doubt["signed_through"]
    if through is None:
        lines = [
            f"The guard file was gone. Entries up to number {here} are here, and",
            "nobody knows whether more were signed. With the present key a second one could be",
            "signed at a number used before, and others would freeze the log. A new key has",
            "signed nothing before.",
        ]
    elif through > here:
        lines = [f"{through} entries were signed here and {here} are here: the database is old."]
    else:
        lines = [f"The database has another history than what was signed here ({here} entries)."]
    heard, unheard = ", ".join(doubt["heard"]), ", ".join(doubt["unheard"])
    lines.append(f"  No more of it have: {heard or 'nobody has answered'}")
    if unheard:
        lines.append(f"  Not heard yet:      {unheard}")
    lines.append("What is not here when the key changes gives way everywhere, also if it turns up.")
    return lines


def way_on_lines(doubt: dict[str, Any]) -> list[str]:
    """What to do."""
    rotate = "tidan key rotate --new-sheet FILE"
    if doubt["may_rotate"]:
        return [f"Go on with a new key: {rotate}"]
    if doubt["heard"] or doubt["unheard"]:
        wait = "Wait until the neighbours have been heard. If that will never be:"
    else:
        wait = "No neighbour is known here: tidan peer add whoever may have the log. If nobody has:"
    return [wait, f"{rotate} --without-rest --reason TEXT"]


def require_heard(doubt: dict[str, Any] | None, *, without_rest: bool) -> None:
    """Raise `ArgumentError` before a sheet is made for a rotation that the node would refuse."""
    if doubt is not None and not doubt["may_rotate"] and not without_rest:
        raise ArgumentError(
            "Our log may not be here in full, and not every neighbour has been heard. Wait, or give"
            " up what is missing: --without-rest --reason TEXT."
        )
