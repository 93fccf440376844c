"""The sample entries of the demo: profiles, records and what municipalities answer each other.

Read from `records/`: one Markdown file a record (the form of docs/markdown.md, with `municipality`
and `days_ago` besides), `profiles.yaml` and `responses.yaml`. An entry that speaks of another names
it by key (:class:`Reference`), because ids exist only once an entry is signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from node.importers.markdown import read_markdown
from node.municipal import municipalities
from protocol import strict_json

PROFILE_DAYS_AGO = 369
REFERRING = ("record", "answer_to", "accepts", "replaces", "target")
OWN_FIELDS = ("by", "days_ago", "id")


class Reference(NamedTuple):
    """Stands in content for the entry id of the sample with this key."""

    key: str


class Sample(NamedTuple):
    """One entry to be published: who, when, which kind and what."""

    key: str
    code: str
    days_ago: int
    kind: str
    content: Mapping[str, Any]

    @property
    def needs(self) -> frozenset[str]:
        """Keys of the samples that must have been published before this one."""
        return frozenset(item.key for item in _references(self.content))

    def resolved(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The content with every reference replaced by an entry id (hexadecimal)."""
        return {field: _resolve(value, ids) for field, value in self.content.items()}


def _references(content: Mapping[str, Any]) -> Iterator[Reference]:
    for value in content.values():
        for item in value if type(value) is list else [value]:
            if isinstance(item, Reference):
                yield item


def _resolve(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Reference):
        return ids[value.key]
    return [_resolve(item, ids) for item in value] if type(value) is list else value


@cache
def all_samples() -> tuple[Sample, ...]:
    """Every sample, oldest first; what is needed comes before what needs it."""
    records = [_record(name, text) for name, text in _record_files()]
    samples = [*_profiles(), *records, *_responses({item.key: item for item in records})]
    return tuple(sorted(samples, key=lambda item: -item.days_ago))


def _read(name: str) -> Any:
    return yaml.safe_load((files(__package__) / "records" / name).read_text("utf-8"))


def _record_files() -> list[tuple[str, str]]:
    folder = files(__package__) / "records"
    paths = [path for path in folder.iterdir() if path.name.endswith(".md")]
    return sorted((path.name.removesuffix(".md"), path.read_text("utf-8")) for path in paths)


def _profiles() -> list[Sample]:
    samples = []
    for code, contact in _read("profiles.yaml").items():
        municipality = municipalities.by_code(code)
        if municipality is None:
            raise ValueError(f"profiles.yaml: there is no municipality {code}")
        name = municipality.official_name
        domain = contact["email"].partition("@")[2]
        content = {"schema": 1, "name": name, "code": code, "domain": domain, "contact": contact}
        samples.append(Sample(f"profile-{code}", code, PROFILE_DAYS_AGO, "profile", content))
    return samples


def _record(name: str, text: str) -> Sample:
    _, front, body = text.split("---\n", 2)
    fields = yaml.safe_load(front)
    code, days_ago = fields.pop("municipality"), fields.pop("days_ago")
    related = [Reference(key) for key in fields.pop("related", [])]
    plain = f"---\n{yaml.safe_dump(fields, allow_unicode=True)}---\n{body}"
    result = read_markdown(plain, f"{name}.md", keep_personal=True)
    if result.experience is None or result.warnings:
        raise ValueError(f"{name}.md: {result.error or result.warnings}")
    content = json.loads(strict_json.dumps(result.experience))
    if related:
        content["related"] = related
    return Sample(name, code, days_ago, "experience", content)


def _responses(records: dict[str, Sample]) -> Iterator[Sample]:
    """Responses in the order of their file; an edit is the whole record with fields replaced."""
    newest = {key: dict(sample.content) for key, sample in records.items()}
    for number, row in enumerate(_read("responses.yaml")):
        key = row.get("id", f"response-{number}")
        fields = {name: value for name, value in row.items() if name not in OWN_FIELDS}
        kind = fields.pop("kind")
        if kind == "edit":
            record = fields["record"]
            newest[record] |= fields["set"]
            kind, fields = "experience", newest[record] | {"replaces": record}
        elif kind == "accept":
            kind = "comment"
        elif kind in ("comment", "question", "answer"):
            kind, fields = "comment", fields | {"kind": kind}
        content = {"schema": 1} | {
            name: Reference(value) if name in REFERRING else value for name, value in fields.items()
        }
        yield Sample(key, row["by"], row["days_ago"], kind, content)
