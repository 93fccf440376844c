"""The operations of the API in one table: routes, OpenAPI document and page are made of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web
from pydantic import BaseModel

from node.api import handlers
from node.api.calls import JSON, Answer, Call, read_scope_of, require_json, respond
from node.api.other_shapes import Log, LogList, Municipality, MunicipalityList, NeighbourList
from node.api.reading import PageQuery, Query, RecordQuery, VersionQuery, read_query
from node.api.record_shapes import Record, RecordList
from node.api.statistics_shapes import StatisticsDocument
from node.web.access import Handler
from storage.api_token_store import Scope

BASE = "/api/v1"
ID = "[0-9a-f]{64}"
CODE = "[0-9]{4}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One address: what it takes and gives; `needs` is None where what is public needs no token."""

    name: str
    path: str
    handler: Callable[[Call[Any]], Awaitable[Answer]]
    query: type[Query]
    answer: type[BaseModel]
    needs: Scope | None = None

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it, without patterns."""
        return re.sub(r"\{(\w+):(?:[^{}]|\{\d+\})+\}", r"{\1}", self.path)

    @property
    def path_parameters(self) -> dict[str, str]:
        """The pattern of each part of the path that varies."""
        return dict(re.findall(r"\{(\w+):((?:[^{}]|\{\d+\})+)\}", self.path))

    @property
    def is_list(self) -> bool:
        """Whether it answers by page."""
        return issubclass(self.query, PageQuery)


OPERATIONS = (
    Operation("listRecords", f"{BASE}/records", handlers.list_records, RecordQuery, RecordList),
    Operation(
        "getRecord", f"{BASE}/records/{{id:{ID}}}", handlers.one_record, VersionQuery, Record
    ),
    Operation(
        "listMunicipalities",
        f"{BASE}/municipalities",
        handlers.list_municipalities,
        PageQuery,
        MunicipalityList,
    ),
    Operation(
        "getMunicipality",
        f"{BASE}/municipalities/{{code:{CODE}}}",
        handlers.one_municipality,
        Query,
        Municipality,
    ),
    Operation(
        "getStatistics",
        f"{BASE}/statistics",
        handlers.statistics,
        Query,
        StatisticsDocument,
    ),
    Operation("listLogs", f"{BASE}/logs", handlers.list_logs, PageQuery, LogList),
    Operation("getLog", f"{BASE}/logs/{{log:{ID}}}", handlers.one_log, Query, Log),
    Operation(
        "listNeighbours",
        f"{BASE}/neighbours",
        handlers.list_neighbours,
        PageQuery,
        NeighbourList,
        Scope.ADMIN,
    ),
)


def served(operation: Operation) -> Handler:
    """The handler that the router is given: rights, formats, parameters, document, links."""

    async def handle(request: web.Request) -> web.Response:
        scope = await read_scope_of(request, operation.needs)
        require_json(request)
        query = read_query(operation.query, request.query)
        answer = await operation.handler(Call(request, query, scope))
        body = answer.document.model_dump_json(by_alias=True).encode()
        response = respond(request, body, JSON)
        if answer.links:
            response.headers[hdrs.LINK] = ", ".join(
                f'<{address}>; rel="{relation}"' for relation, address in answer.links.items()
            )
        return response

    return handle
