"""Lists by page: which part, and the addresses of the pages beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from node.api.calls import Call
from node.api.errors import MissingError
from node.api.reading import PageQuery

Item = TypeVar("Item")


class Paging(NamedTuple):
    """What a list says of its pages, and their addresses by relation (RFC 8288)."""

    fields: dict[str, Any]
    links: dict[str, str]


def paging(call: Call[Any], total: int, pages: int) -> Paging:
    """The pages of a list; raises `MissingError` for one that there is none of."""
    query: PageQuery = call.query
    if query.page > pages:
        raise MissingError(f"There is no page {query.page}; the last is {pages}.")
    numbers = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": pages}
    links = {
        relation: _address(call, number)
        for relation, number in numbers.items()
        if 1 <= number <= pages
    }
    fields = {"total": total, "page": query.page, "pages": pages, "next": links.get("next")}
    return Paging(fields, links)


def part(call: Call[Any], items: Sequence[Item]) -> tuple[Sequence[Item], Paging]:
    """The part of a list that is at hand which a request asks for."""
    query: PageQuery = call.query
    pages = max(1, math.ceil(len(items) / query.page_size))
    found = paging(call, len(items), pages)
    start = (query.page - 1) * query.page_size
    return items[start : start + query.page_size], found


def _address(call: Call[Any], page: int) -> str:
    asked = call.request.rel_url.update_query({"page": str(page)})
    return f"{call.site}{asked}"
