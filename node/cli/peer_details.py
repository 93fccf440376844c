"""`tidan peer show`: one neighbour in lines, in the words of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.cli.command import moment, table
from node.web.language import languages
from node.web.neighbour_words import known_words

_WAYS = {"outgoing": "You call them", "incoming": "They call you"}


def detail_lines(detail: Mapping[str, Any]) -> list[str]:
    """What is known of a neighbour, as plain data, for people at a terminal."""
    status = detail["status"]
    facts = [
        ("State", _said(status["state"])),
        ("Why", _said(status["cause"])),
        ("Reason of the block", detail["block_reason"]),
        ("What to do", _said(status["action"])),
        ("Last contact", moment(status["last_success_ms"])),
        ("Next try", moment(status["next_try_ms"]) if status["next_try_ms"] else ""),
        ("Address", status["url"] or "none: they call you"),
        ("Moved to", status["moved_to"] or ""),
        ("Left the network", _moment_or_nothing(status["left_ms"])),
        ("Log", status["log"]),
        ("Fingerprint", status["fingerprint"]),
        ("Key since", _with_changes(detail)),
        ("Certificate ends", _moment_or_nothing(detail["certificate_ends_ms"])),
        ("Protocol version", str(detail["protocol_version"] or "")),
        ("Neighbour since", moment(detail["added_ms"])),
    ]
    width = max(len(name) for name, _ in facts)
    lines = [f"{name.ljust(width)}  {value}" for name, value in facts if value]
    return [
        *lines,
        "",
        *_behind(detail),
        "",
        *_ways(detail),
        "",
        *_traffic(detail),
        *_errors(detail),
    ]


def _said(sentence: str) -> str:
    return languages()["en"].translated(known_words(sentence))


def _moment_or_nothing(time_ms: int | None) -> str:
    return moment(time_ms) if time_ms is not None else ""


def _with_changes(detail: Mapping[str, Any]) -> str:
    since, changes = _moment_or_nothing(detail["key_ms"]), detail["key_changes"]
    return f"{since} (changed {changes} times)" if changes else since


def _behind(detail: Mapping[str, Any]) -> list[str]:
    status = detail["status"]
    if detail["compared_ms"] is None:
        return ["Behind  not known: nothing has been compared yet"]
    told = "now" if status["connected"] else f"as they said at {moment(detail['compared_ms'])}"
    rows = [
        [f"{whose} lack", status[name], _since(detail[f"{name}_since_ms"])]
        for whose, name in (("You", "behind_in"), ("They", "behind_out"))
    ]
    return [*table(["BEHIND", "ENTRIES", "SINCE"], rows), f"({told})"]


def _since(time_ms: int | None) -> str:
    return moment(time_ms) if time_ms is not None else "-"


def _ways(detail: Mapping[str, Any]) -> list[str]:
    rows = [
        [_WAYS[way["direction"]], _said(way["state"]), moment(way["success_ms"]), _failure(way)]
        for way in detail["ways"]
    ]
    return table(["DIRECTION", "STATE", "LAST SUCCESS", "LAST FAILURE"], rows)


def _failure(way: Mapping[str, Any]) -> str:
    return f"{moment(way['error_ms'])}: {_said(way['error'])}" if way["error"] else "-"


def _traffic(detail: Mapping[str, Any]) -> list[str]:
    rows: list[list[object]] = []
    if session := detail["session"]:
        speeds = (session[f"{way}_bytes_per_second"] for way in ("received", "sent"))
        rows.append(["now, a second", *(round(speed) for speed in speeds)])
        rows.append(["this session", session["received_bytes"], session["sent_bytes"]])
    rows.append(["in all", detail["received_bytes"], detail["sent_bytes"]])
    return table(["BYTES", "IN", "OUT"], rows)


def _errors(detail: Mapping[str, Any]) -> list[str]:
    if not detail["errors"]:
        return []
    rows = [
        [moment(one["last_ms"]), one["times"], one["code"], _said(one["error"])]
        for one in detail["errors"]
    ]
    return ["", *table(["LAST ERRORS", "TIMES", "CODE", "WHAT"], rows)]
