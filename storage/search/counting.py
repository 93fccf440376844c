"""What a list is narrowed to, and what is counted beside it: each kind of choice without its own.

Fields that are counted under the same conditions are counted in one go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Query

from storage.record_views import RecordFilter
from storage.search.choices import (
    Clauses,
    area_choices,
    chosen,
    code_choices,
    kept_choices,
    kind_choices,
    year_choices,
)
from storage.search.documents import AREA, CODE, KIND, PUBLISHED, YEAR, month_starts
from storage.search.products import PRODUCT, SUPPLIER, chosen_names, counted_by

Counted = dict[str, dict[str, int]]
"""By field, how many records have each value."""
_BUCKETS_MAX = 65_000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a filter chooses: by the field that its kind of choice is counted in, and the rest."""

    by_field: Mapping[str, Clauses]
    always: Clauses

    @property
    def all(self) -> Clauses:
        """Everything that is chosen."""
        return self.without("")

    def without(self, field: str) -> Clauses:
        """Everything but what is chosen by one field."""
        kept = [part for name, part in self.by_field.items() if name != field]
        return [*self.always, *(clause for part in kept for clause in part)]

    def groups(self, fields: Sequence[str]) -> Iterator[tuple[list[str], Clauses]]:
        """Yield fields that are counted together, and under which conditions."""
        found: dict[str, list[str]] = defaultdict(list)
        for field in fields:
            found[field if self.by_field[field] else ""].append(field)
        for left_out, together in found.items():
            yield together, self.without(left_out)


def narrow(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    wanted: RecordFilter,
    seen: Clauses,
    among: Sequence[int] | None,
) -> Narrowed:
    """Return what a filter chooses beside its text, of what ``seen`` keeps to."""
    names = chosen_names(searcher, schema, wanted, seen)
    return Narrowed(
        {
            AREA: chosen(schema, area_choices(wanted)),
            KIND: chosen(schema, kind_choices(wanted)),
            CODE: chosen(schema, code_choices(wanted)),
            YEAR: chosen(schema, year_choices(wanted)),
            PRODUCT: names.get(PRODUCT, []),
            SUPPLIER: names.get(SUPPLIER, []),
        },
        [*seen, *kept_choices(schema, wanted, among)],
    )


def count(searcher: tantivy.Searcher, query: Query, fields: Sequence[str]) -> Counted:
    """Count records by the values of each field; of names only the commonest."""
    names = [field for field in fields if field in (PRODUCT, SUPPLIER)]
    wanted = counted_by(names) | {
        field: {"terms": {"field": field, "size": _BUCKETS_MAX}}
        for field in fields
        if field not in names
    }
    answer = searcher.aggregate(query, wanted)
    return {
        field: {bucket["key"]: bucket["doc_count"] for bucket in answer[field]["buckets"]}
        for field in fields
    }


def count_months(searcher: tantivy.Searcher, query: Query, years: Sequence[int]) -> dict[str, int]:
    """Count records by the month they were published in, "2026-11"."""
    found = {}
    for year in years:
        starts = month_starts(year)
        ranges = [
            {"key": f"{year}-{month:02}", "from": starts[month - 1], "to": starts[month]}
            for month in range(1, 13)
        ]
        wanted = {PUBLISHED: {"range": {"field": PUBLISHED, "ranges": ranges}}}
        for bucket in searcher.aggregate(query, wanted)[PUBLISHED]["buckets"]:
            if bucket["doc_count"] and bucket["key"].startswith(f"{year}-"):
                found[bucket["key"]] = bucket["doc_count"]
    return found
