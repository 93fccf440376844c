"""Puts the web view together for one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from node.web.appkeys import NODE, OWN, PUBLISHED_FORMS, RENDERER
from node.web.middleware import (
    add_security_headers,
    check_host,
    check_origin,
    know_ourselves,
    show_errors,
)
from node.web.published_forms import PublishedForms
from node.web.render import Renderer
from node.web.routes import ROUTES
from node.web.site import OwnMunicipality

if TYPE_CHECKING:
    from node.process.bootstrap import Node

FORM_BYTES_MAX = 512 * 1024


def build_app(node: Node) -> web.Application:
    """The web view as an application of its own; more routes may be added before it is served."""
    app = web.Application(
        middlewares=[know_ourselves, show_errors, check_host, check_origin],
        client_max_size=FORM_BYTES_MAX,
    )
    app[NODE] = node
    app[OWN] = OwnMunicipality(node.own_log)
    app[RENDERER] = Renderer()
    app[PUBLISHED_FORMS] = PublishedForms()
    app.on_response_prepare.append(add_security_headers)
    app.add_routes(ROUTES)
    return app
