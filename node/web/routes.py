"""All addresses of the web view, in one table.

Reading is GET; everything that changes something is POST. Ids are 64 hexadecimal digits. The last
column says who may come: node/web/access.py.
"""

from __future__ import annotations

from node.web.access import Open, get, post
from node.web.pages import (
    about,
    account,
    actions,
    audit,
    help_pages,
    municipalities,
    neighbours,
    progress,
    records,
    sign_in,
    start,
    statement,
    users,
    welcome,
    write,
)
from storage.account_views import Role

ALWAYS, READING, UNSEEN = Open.ALWAYS, Open.READING, Open.UNSEEN
READER, AUTHOR, ADMIN, OPERATOR = (
    Role.READER,
    Role.AUTHOR,
    Role.FEDERATION_ADMIN,
    Role.OPERATOR,
)

USER = "/anvandare/{number:[0-9]{1,9}}"
RECORD = "/erfarenheter/{id:[0-9a-f]{64}}"
LOG = "/grannar/{log:[0-9a-f]{64}}"
COMMENT = RECORD + "/kommentarer/{comment:[0-9a-f]{64}}"
INTEREST = RECORD + "/intresse/{interest:samverka|planerar}"

ROUTES = (
    get("/", start.start_page, READING),
    get("/sok", records.search_address, READING),
    get("/erfarenheter", records.list_page, READING),
    get("/kommuner", municipalities.list_page, READING),
    get("/kommuner/{code:[0-9]{4}}{words:(-[^/]*)?}", municipalities.municipality_page, READING),
    get("/skriv", write.new_form, AUTHOR),
    post("/skriv", write.new_step, AUTHOR),
    get("/skriv/klart/{id:[0-9a-f]{64}}", write.published_page, AUTHOR),
    get(f"{RECORD}/andra", write.edit_form, AUTHOR),
    post(f"{RECORD}/andra", write.edit_step, AUTHOR),
    get(f"{RECORD}/aterkalla", write.withdraw_form, AUTHOR),
    post(f"{RECORD}/aterkalla", write.withdraw, AUTHOR),
    post(f"{RECORD}/kommentarer", actions.comment, AUTHOR),
    post(f"{COMMENT}/angra", actions.undo_comment, AUTHOR),
    post(f"{COMMENT}/hjalpte", actions.accept_answer, AUTHOR),
    post(f"{RECORD}/anvander", actions.declare_use, AUTHOR),
    post(f"{RECORD}/anvander/angra", actions.undo_use, AUTHOR),
    post(INTEREST, actions.declare_interest, AUTHOR),
    post(f"{INTEREST}/angra", actions.undo_interest, AUTHOR),
    get(RECORD, records.record_page, READING),
    get(f"{RECORD}/{{words:[^/]*}}", records.record_page, READING),
    get("/grannar", neighbours.neighbours_page, READER),
    get("/grannar/hamtning", progress.progress_fragment, READING),
    post(f"{LOG}/beslut", neighbours.decide, ADMIN),
    post(f"{LOG}/forsok", neighbours.try_now, ADMIN),
    post(f"{LOG}/pausa", neighbours.pause, ADMIN),
    post(f"{LOG}/ateruppta", neighbours.resume, ADMIN),
    get("/logga-in", sign_in.sign_in_form, ALWAYS),
    post("/logga-in", sign_in.sign_in, ALWAYS),
    post("/logga-ut", sign_in.sign_out, READER),
    get("/valkommen/{token:[A-Za-z0-9_-]{20,100}}", welcome.welcome_form, ALWAYS),
    post("/valkommen/{token:[A-Za-z0-9_-]{20,100}}", welcome.welcome, ALWAYS),
    get("/konto", account.account_page, READER),
    post("/konto/losenord", account.change_password, READER),
    post("/konto/logga-ut-overallt", account.sign_out_everywhere, READER),
    get("/anvandare", users.users_page, OPERATOR),
    post("/anvandare", users.invite, OPERATOR),
    get("/anvandare/handelser", audit.audit_page, OPERATOR),
    post(f"{USER}/roll", users.change_role, OPERATOR),
    post(f"{USER}/inaktivera", users.deactivate, OPERATOR),
    post(f"{USER}/aktivera", users.activate, OPERATOR),
    post(f"{USER}/losenord", users.reset_password, OPERATOR),
    post("/anvandare/inbjudan/{digest:[0-9a-f]{64}}/angra", users.withdraw, OPERATOR),
    get("/hjalp", help_pages.index_page, ALWAYS),
    get(f"/hjalp/{{name:{help_pages.NAMES}}}", help_pages.help_page, ALWAYS),
    get("/om", about.about_page, READING),
    get("/tillganglighet", statement.statement_page, ALWAYS),
    post("/tillganglighet", statement.send_feedback, ALWAYS),
    get("/tillganglighet/synpunkter", statement.inbox_page, OPERATOR),
    post("/tillganglighet/synpunkter/{number:[0-9]{1,9}}/klar", statement.dealt_with, OPERATOR),
    get("/favicon.ico", about.favicon, UNSEEN),
    get("/static/{digest}/{name}", about.asset, UNSEEN),
)
