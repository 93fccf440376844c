"""All addresses of the web view, in one table.

Reading is GET; everything that changes something is POST. Ids are 64 hexadecimal digits.
"""

from __future__ import annotations

from aiohttp import web

from node.web.pages import (
    about,
    actions,
    municipalities,
    neighbours,
    progress,
    records,
    start,
    write,
)

RECORD = "/erfarenheter/{id:[0-9a-f]{64}}"
LOG = "/grannar/{log:[0-9a-f]{64}}"
COMMENT = RECORD + "/kommentarer/{comment:[0-9a-f]{64}}"
INTEREST = RECORD + "/intresse/{interest:samverka|planerar}"

ROUTES = (
    web.get("/", start.start_page),
    web.get("/sok", records.search_address),
    web.get("/erfarenheter", records.list_page),
    web.get("/kommuner", municipalities.list_page),
    web.get("/kommuner/{code:[0-9]{4}}{words:(-[^/]*)?}", municipalities.municipality_page),
    web.get("/skriv", write.new_form),
    web.post("/skriv", write.new_step),
    web.get("/skriv/klart/{id:[0-9a-f]{64}}", write.published_page),
    web.get(f"{RECORD}/andra", write.edit_form),
    web.post(f"{RECORD}/andra", write.edit_step),
    web.get(f"{RECORD}/aterkalla", write.withdraw_form),
    web.post(f"{RECORD}/aterkalla", write.withdraw),
    web.post(f"{RECORD}/kommentarer", actions.comment),
    web.post(f"{COMMENT}/angra", actions.undo_comment),
    web.post(f"{COMMENT}/hjalpte", actions.accept_answer),
    web.post(f"{RECORD}/anvander", actions.declare_use),
    web.post(f"{RECORD}/anvander/angra", actions.undo_use),
    web.post(INTEREST, actions.declare_interest),
    web.post(f"{INTEREST}/angra", actions.undo_interest),
    web.get(RECORD, records.record_page),
    web.get(f"{RECORD}/{{words:[^/]*}}", records.record_page),
    web.get("/grannar", neighbours.neighbours_page),
    web.get("/grannar/hamtning", progress.progress_fragment),
    web.post(f"{LOG}/beslut", neighbours.decide),
    web.post(f"{LOG}/forsok", neighbours.try_now),
    web.post(f"{LOG}/pausa", neighbours.pause),
    web.post(f"{LOG}/ateruppta", neighbours.resume),
    web.get("/om", about.about_page),
    web.get("/favicon.ico", about.favicon),
    web.get("/static/{digest}/{name}", about.asset),
)
