"""Typed keys for what the web application carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from node.process.bootstrap import Node
    from node.web.published_forms import PublishedForms
    from node.web.render import Renderer
    from node.web.site import OwnMunicipality

NODE: web.AppKey[Node] = web.AppKey("node")
RENDERER: web.AppKey[Renderer] = web.AppKey("renderer")
PUBLISHED_FORMS: web.AppKey[PublishedForms] = web.AppKey("published_forms")
OWN: web.AppKey[OwnMunicipality] = web.AppKey("own_municipality")
