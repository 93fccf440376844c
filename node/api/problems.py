"""Refusals of the API as documents (RFC 9457): a stable code, what is wrong, what to do.

Stands inside the pages' own handling of errors, for addresses that machines ask: what is raised
there, by the router and the checks of every request included, never becomes a page.
"""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from node.api.errors import HostError, MethodError, MissingError, RequestError
from node.web.access import Handler, place_of
from node.web.middleware import PASSING, RETRY_SECONDS
from node.web.site import NODE
from protocol.errors import TidanError
from storage.errors import DamagedLogError

CONTENT_TYPE = "application/problem+json"
MACHINE_PLACES = ("/api/", "/dcat")
INTERNAL = "internal"


class ParameterFault(BaseModel):
    """One parameter that is wrong."""

    model_config = ConfigDict(frozen=True)

    parameter: str
    problem: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457); `code` is stable and listed in docs/errors.md."""

    model_config = ConfigDict(frozen=True)

    type: Annotated[str, Field(description="Address of what is said about the code.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: Annotated[str, Field(description="Stable; programs may decide by it.")]
    advice: Annotated[str, Field(description="What to do about it.")]
    errors: Annotated[
        tuple[ParameterFault, ...], Field(description="The parameters that are wrong, if any.")
    ] = ()


@web.middleware
async def answer_with_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what is raised for a machine's request into a problem document."""
    if not request.path.startswith(MACHINE_PLACES):
        return await handler(request)
    try:
        return await _answer(request, handler)
    except RequestError as error:
        return _refusal(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _refusal(_known(error))
    except TidanError as error:
        if isinstance(error, DamagedLogError):
            request.app[NODE].sync.mender.met(error)
        logger = request.app[NODE].logger
        logger.warning("request refused", path=place_of(request), code=error.code, error=str(error))
        return _own_fault(error.code, error.advice, passes=error.code in PASSING)
    except Exception as error:  # any fault of ours is answered, and the cause is in the log
        if isinstance(error, ConnectionError):
            raise  # whoever asked has left; the pages' own handling knows what to do
        request.app[NODE].logger.exception("request failed", path=place_of(request))
        return _own_fault(INTERNAL, "Try again later; the operator finds the cause in the log.")


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Where nothing is, that is the answer: before anything is asked about who sent it."""
    if request.match_info.http_exception is not None:
        raise request.match_info.http_exception
    return await handler(request)


def _known(error: web.HTTPException) -> RequestError:
    if error.status == MissingError.status:
        return MissingError("Nothing is at this address.")
    if error.status == MethodError.status:
        return MethodError(error.headers.get("Allow", "GET, HEAD"))
    if error.status == HostError.status:
        return HostError("The node does not answer to this name.")
    return RequestError(error.reason)


def _refusal(error: RequestError) -> web.Response:
    problem = Problem(
        type=f"/api#{error.code}",
        title=error.title,
        status=error.status,
        detail=str(error),
        code=error.code,
        advice=error.advice,
        errors=tuple(ParameterFault(parameter=name, problem=fault) for name, fault in error.faults),
    )
    response = _response(problem)
    response.headers.update(error.headers)
    return response


def _own_fault(code: str, advice: str, *, passes: bool = False) -> web.Response:
    status = 503 if passes else 500
    title = "Not just now" if passes else "The node failed"
    response = _response(
        Problem(
            type="about:blank",
            title=title,
            status=status,
            detail="The request was all right; the node could not answer it.",
            code=code,
            advice=advice,
        )
    )
    if passes:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _response(problem: Problem) -> web.Response:
    return web.Response(
        body=problem.model_dump_json().encode(),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )
