"""Puts the web view together for one node."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware

from node.operations.node import Node
from node.web.access import NEEDS, add_routes
from node.web.compression import compress
from node.web.example import EXAMPLE, ExampleAccount
from node.web.middleware import (
    add_security_headers,
    check_access,
    check_host,
    check_origin,
    know_ourselves,
    show_errors,
)
from node.web.pages import statement
from node.web.published_forms import PUBLISHED_FORMS, PublishedForms
from node.web.render import RENDERER, Renderer
from node.web.routes import ROUTES
from node.web.site import NODE, OWN, OwnMunicipality
from node.web.uploads import drop_what_is_not_kept

FORM_BYTES_MAX = 512 * 1024


def build_app(
    node: Node, example: ExampleAccount | None = None, inner: Sequence[Middleware] = ()
) -> web.Application:
    """The web view as an application of its own; more routes may be added before it is served.

    `example` is the demo's account, offered to everybody on the page to sign in. `inner` stands
    inside what turns errors into pages, for routes whose errors are none.
    """
    app = web.Application(
        middlewares=[
            compress,
            know_ourselves,
            show_errors,
            *inner,
            check_host,
            check_origin,
            drop_what_is_not_kept,
            check_access,
        ],
        client_max_size=FORM_BYTES_MAX,
    )
    app[NODE] = node
    app[OWN] = OwnMunicipality(node.own_log)
    app[RENDERER] = Renderer(node.settings.look, node.settings.data)
    if example is not None:
        app[EXAMPLE] = example
    app[PUBLISHED_FORMS] = PublishedForms()
    statement.prepare(app)
    app.on_response_prepare.append(add_security_headers)
    app[NEEDS] = {}
    add_routes(app, ROUTES)
    return app
