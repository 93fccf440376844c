"""The account that a demo offers to everybody; no setting of a real node can switch it on."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class ExampleAccount:
    """A name and a password that are no secret."""

    name: str
    full_name: str
    password: str


EXAMPLE = web.AppKey("example", ExampleAccount)
