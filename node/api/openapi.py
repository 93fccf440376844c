"""The OpenAPI 3.1 document of the API, made from the models that requests and answers pass."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from node.api.calls import JSON, read_scope_of, require_json, respond
from node.api.operations import BASE, OPERATIONS, Operation
from node.api.problems import CONTENT_TYPE, Problem
from node.api.reading import Query, read_query
from node.web.api_words import ABOUT, PARAMETERS, TITLE
from node.web.api_words import OPERATIONS as WORDS
from node.web.feeds import site_url
from node.web.language import languages
from node.web.visitors import viewer_of

OPENAPI = "3.1.1"
PATH = f"{BASE}/openapi.json"
NAME = "getOpenApi"
REFERENCE = "#/components/schemas/{model}"


async def openapi_document(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json"""
    await read_scope_of(request, None)
    require_json(request)
    read_query(Query, request.query)
    is_open = viewer_of(request).reading_is_open
    text = json.dumps(document(site_url(request), is_open=is_open), ensure_ascii=False)
    return respond(request, text.encode(), JSON)


def document(site: str, *, is_open: bool) -> dict[str, Any]:
    """The whole document; `site` is where the node is for others, `is_open` to everybody or not."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths[operation.template] = {"get": _operation(operation)}
    paths[PATH] = {"get": _own_operation()}
    return {
        "openapi": OPENAPI,
        "info": {
            "title": _english(TITLE),
            "description": _english(ABOUT),
            "version": version("tidan"),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": site}],
        "security": [*([{}] if is_open else []), {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


@cache
def schemas() -> dict[str, Any]:
    """The schema of every document, by name."""
    models: list[type[BaseModel]] = [Problem, *(operation.answer for operation in OPERATIONS)]
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "serialization") for model in dict.fromkeys(models)
    ]
    _, definitions = models_json_schema(wanted, ref_template=REFERENCE)
    found: dict[str, Any] = definitions["$defs"]
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    refused = ["400", "401", "406", "422"]
    refused += ["404"] if operation.path_parameters or operation.is_list else []
    refused += ["403"] if operation.needs else []
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": _english(WORDS[operation.name]),
        "parameters": parameters(operation),
        "responses": _responses(
            {"$ref": REFERENCE.format(model=operation.answer.__name__)}, refused, operation.is_list
        ),
    }
    if operation.needs:
        described["security"] = [{"token": []}]
        described["description"] = f"Needs a token with the scope {operation.needs.value}."
    return described


def _own_operation() -> dict[str, Any]:
    return {
        "operationId": NAME,
        "summary": _english(WORDS[NAME]),
        "responses": _responses({"type": "object"}, ["400", "401", "406"], False),
    }


def parameters(operation: Operation) -> list[dict[str, Any]]:
    """The parameters of an operation, those of its path first."""
    in_path = [
        _parameter(name, "path", {"type": "string", "pattern": f"^{pattern}$"})
        for name, pattern in operation.path_parameters.items()
    ]
    properties = operation.query.model_json_schema().get("properties", {})
    return in_path + [
        _parameter(name, "query", _plain_schema(schema)) for name, schema in properties.items()
    ]


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    described = {"name": name, "in": place, "schema": schema}
    described["description"] = _english(PARAMETERS[name])
    return described | ({"required": True} if place == "path" else {})


def _plain_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out or has a value: null is no value of one."""
    kept = {name: value for name, value in schema.items() if name != "title"}
    if "anyOf" in kept:
        (kind,) = (one for one in kept.pop("anyOf") if one.get("type") != "null")
        kept |= kind
    if kept.get("default", "") is None:
        del kept["default"]
    return kept


def _responses(schema: dict[str, Any], refused: list[str], is_list: bool) -> dict[str, Any]:
    headers = {"ETag": {"schema": {"type": "string"}, "description": "For If-None-Match."}}
    if is_list:
        about = "The first, previous, next and last page (RFC 8288)."
        headers["Link"] = {"schema": {"type": "string"}, "description": about}
    good = {
        "200": {
            "description": "What was asked for.",
            "headers": headers,
            "content": {JSON: {"schema": schema}},
        },
        "304": {"description": "The caller has it already, as If-None-Match said."},
    }
    problem = {CONTENT_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
    return good | {
        status: {"description": _REFUSALS[status], "content": problem} for status in refused
    }


_REFUSALS = {
    "400": "A parameter that the address does not have.",
    "401": "A token is needed, or the one that was sent is refused.",
    "403": "The token's scope is too narrow.",
    "404": "Nothing is there, or nothing for this reader.",
    "406": "The request accepts no JSON.",
    "422": "A parameter with a value it cannot have.",
}


def _english(text: str) -> str:
    return languages()["en"].translated(text)
