"""The page about the API: what there is, what it takes, what it can refuse; for people."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from node.api.errors import RequestError
from node.api.openapi import NAME, PATH, parameters
from node.api.operations import OPERATIONS
from node.web import api_words
from node.web.feeds import site_url
from node.web.render import RENDERER

CATALOGUES = (("/dcat.rdf", "RDF/XML"), ("/dcat.ttl", "Turtle"), ("/dcat.jsonld", "JSON-LD"))


class ParameterLine(NamedTuple):
    """A parameter: its name, its words, and what it can be."""

    name: str
    words: str
    values: tuple[str, ...]


class OperationPart(NamedTuple):
    """One address: its words, its parameters, the scope it needs, an example to follow."""

    path: str
    words: str
    parameters: tuple[ParameterLine, ...]
    scope: str
    example: str


async def api_page(request: web.Request) -> web.Response:
    """GET /api"""
    parts = [
        OperationPart(
            operation.template,
            api_words.OPERATIONS[operation.name],
            tuple(_line(one) for one in parameters(operation)),
            operation.needs.value if operation.needs else "",
            "" if operation.path_parameters or operation.needs else operation.path,
        )
        for operation in OPERATIONS
    ]
    parts.append(OperationPart(PATH, api_words.OPERATIONS[NAME], (), "", PATH))
    return request.app[RENDERER].page(
        request,
        "api.html",
        parts=parts,
        scopes=api_words.SCOPES,
        refusals=sorted(_refusals(), key=lambda error: (error.status, error.code)),
        site=site_url(request),
        catalogues=CATALOGUES,
    )


def _line(parameter: dict[str, Any]) -> ParameterLine:
    name = parameter["name"]
    values = tuple(parameter["schema"].get("enum", ()))
    return ParameterLine(name, api_words.PARAMETERS[name], values)


def _refusals() -> list[type[RequestError]]:
    return [RequestError, *RequestError.__subclasses__()]
