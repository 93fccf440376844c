"""Vectors for docs/protocol.md §11: content that can be read, and content that cannot."""

from __future__ import annotations

import json

Case = dict[str, object]

_EXPERIENCE = {
    "schema": 1,
    "type": "erfarenhet",
    "title": "Exempel: digitala nycklar i hemtjänsten",
    "summary": "Vi bytte fysiska nycklar mot digitala lås hos 240 brukare.",
    "area": "aldre.hemtjanst",
    "status": "drift",
    "contact": {"role": "Digitaliseringsenheten", "email": "digitalisering@tidaholm.example"},
}
_ID = "ab" * 32
_FILE = {
    "sha256": _ID,
    "name": "Plan för nyckelbyte.pdf",
    "media_type": "application/pdf",
    "size_bytes": 26_214_400,
    "description": "Planen som nämnden beslutade om",
}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _with_file(**changes: object) -> str:
    return _text({**_EXPERIENCE, "attachments": [_FILE | changes]})


def _bad_files() -> dict[str, tuple[str, str, str]]:
    """Records that name a file which cannot be named."""
    return {
        "a type of file that may run": (
            "experience",
            _with_file(media_type="text/html"),
            "unreadable",
        ),
        "a file's ending of another type": ("experience", _with_file(name="x.exe"), "unreadable"),
        "a file with a path": ("experience", _with_file(name="../x.pdf"), "unreadable"),
        "a file that is too large": (
            "experience",
            _with_file(size_bytes=26_214_401),
            "unreadable",
        ),
        "an empty file": ("experience", _with_file(size_bytes=0), "unreadable"),
    }


def _good_ways() -> dict[str, tuple[str, object]]:
    """A municipality moves, leaves, or goes on for another."""
    return {
        "a new address": ("address", {"schema": 1, "url": "https://tidan.hjo.example"}),
        "a leave without a word": ("leave", {"schema": 1}),
        "a leave for a successor": (
            "leave",
            {"schema": 1, "reason": "Sammanslagning", "successor": _ID},
        ),
        "going on for another log": ("continue", {"schema": 1, "predecessor": _ID}),
    }


def _bad_ways() -> dict[str, tuple[str, str, str]]:
    """Addresses that are more than scheme, host and port."""
    urls = {"a path": "https://tidan.hjo.example/x", "a user": "https://anna@tidan.hjo.example"}
    return {
        f"an address with {what}": ("address", _text({"schema": 1, "url": url}), "unreadable")
        for what, url in urls.items()
    }


def content_cases() -> list[Case]:
    """Kind and content, whether it can be read, and the code when it cannot."""
    full = {
        **_EXPERIENCE,
        "results": "**En timme** mindre om dagen.",
        "cost": {"one_off_sek": 480_000, "one_off_max_sek": 520_000, "own_hours": 300},
        "timeline": {"started": "2024-03", "live": "2025-01-15"},
        "tags": ["lås", "hemtjänst"],
        "collaboration_open": True,
        "example": True,
    }
    good = {
        "an experience with only what is required": ("experience", _EXPERIENCE),
        "an experience with more": ("experience", full),
        "an experience with a file": ("experience", {**_EXPERIENCE, "attachments": [_FILE]}),
        "a comment": ("comment", {"schema": 1, "record": _ID, "text": "Vilka lås valde ni?"}),
        "a use": ("use", {"schema": 1, "record": _ID, "since_year": 2024}),
        "an interest": ("interest", {"schema": 1, "record": _ID, "interest": "samverka"}),
        "what helped": ("helped", {"schema": 1, "record": _ID, "reused": "Mallen för mätning"}),
        "a withdrawal": ("withdraw", {"schema": 1, "target": _ID, "reason": "Fel bilaga"}),
        "an introduction": (
            "introduction",
            {"schema": 1, "log": _ID, "code": "1497", "name": "Hjo kommun"},
        ),
        **_good_ways(),
        "a profile": ("profile", {"schema": 1, "name": "Tidaholms kommun", "code": "1498"}),
    }
    bad = {
        "a kind nobody knows": ("x-future", '{"schema":1}', "unknown_kind"),
        "a newer schema": ("profile", _text({"schema": 2, "name": "T"}), "newer_schema"),
        "an unknown field": ("experience", _text({**_EXPERIENCE, "colour": "blue"}), "unreadable"),
        "a key twice": ("withdraw", '{"schema":1,"schema":1}', "unreadable"),
        "not a number": ("use", f'{{"schema":1,"record":"{_ID}","since_year":NaN}}', "unreadable"),
        "a fraction": ("use", f'{{"schema":1,"record":"{_ID}","since_year":2024.0}}', "unreadable"),
        "a number as text": (
            "use",
            _text({"schema": 1, "record": _ID, "since_year": "2024"}),
            "unreadable",
        ),
        "an integer beyond 2^53-1": ("use", '{"schema":9007199254740992}', "unreadable"),
        "a lone surrogate": ("comment", '{"schema":1,"text":"\\ud800"}', "unreadable"),
        "too deep": ("comment", "[" * 33 + "]" * 33, "unreadable"),
        "a title too long": (
            "experience",
            _text({**_EXPERIENCE, "title": "x" * 151}),
            "unreadable",
        ),
        **_bad_files(),
        **_bad_ways(),
        "a missing field": ("comment", '{"schema":1,"text":"Hej"}', "unreadable"),
        "nothing": ("comment", "", "unreadable"),
    }
    return [
        *(
            {"name": name, "valid": True, "kind": kind, "content": _text(value)}
            for name, (kind, value) in good.items()
        ),
        *(
            {"name": name, "valid": False, "kind": kind, "content": text, "error": code}
            for name, (kind, text, code) in bad.items()
        ),
    ]
