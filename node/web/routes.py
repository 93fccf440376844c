"""All addresses of the web view, in one table.

Reading is GET; everything that changes something is POST. Ids are 64 hexadecimal digits. The last
column says who may come: node/web/access.py.
"""

from __future__ import annotations

from node.web.access import Open, get, post
from node.web.feeds import PERSONAL
from node.web.pages import (
    about,
    account,
    actions,
    areas,
    attachments,
    audit,
    drafts,
    feeds,
    field_preview,
    files,
    following,
    help_pages,
    imports,
    mail,
    municipalities,
    neighbours,
    news,
    progress,
    records,
    review,
    sign_in,
    similar,
    start,
    statement,
    suggestions,
    tokens,
    users,
    versions,
    welcome,
    withdraw,
    write,
)
from storage.account_views import Role

ALWAYS, LINK, READING, UNSEEN = Open.ALWAYS, Open.LINK, Open.READING, Open.UNSEEN
READER, AUTHOR, EDITOR, ADMIN, OPERATOR = (
    Role.READER,
    Role.AUTHOR,
    Role.EDITOR,
    Role.FEDERATION_ADMIN,
    Role.OPERATOR,
)

KEY = "{token:[A-Za-z0-9_-]{43}}"
USER = "/anvandare/{number:[0-9]{1,9}}"
DRAFT = "/utkast/{draft:[0-9a-f]{32}}"
IMPORT = "/importera/{import:[0-9a-f]{32}}"
FILE = "{sha256:[0-9a-f]{64}}/{name:[^/]+}"
RECORD = "/erfarenheter/{id:[0-9a-f]{64}}"
LOG = "/grannar/{log:[0-9a-f]{64}}"
COMMENT = RECORD + "/kommentarer/{comment:[0-9a-f]{64}}"
INTEREST = RECORD + "/intresse/{interest:samverka|planerar}"

FEEDS = (
    ("/erfarenheter/flode.atom", feeds.list_feed),
    ("/kommuner/{code:[0-9]{4}}/flode.atom", feeds.municipality_feed),
    (f"{RECORD}/flode.atom", feeds.record_feed),
)

ROUTES = (
    *(get(path, handler, READING) for path, handler in FEEDS),
    *(get(PERSONAL + path, handler, LINK) for path, handler in FEEDS),
    get(f"{PERSONAL}/nytt.atom", feeds.news_feed, LINK),
    get("/", start.start_page, READING),
    get("/sok", records.search_address, READING),
    get("/sok/forslag", suggestions.suggestions_fragment, READING),
    get("/erfarenheter", records.list_page, READING),
    get("/amnen", areas.areas_page, READING),
    get("/amnen/{area:[a-z-]+(?:\\.[a-z-]+)?}", areas.area_page, READING),
    get("/kommuner", municipalities.list_page, READING),
    get("/kommuner/{code:[0-9]{4}}{words:(-[^/]*)?}", municipalities.municipality_page, READING),
    get("/skriv", write.new_form, AUTHOR),
    post("/skriv", write.new_step, AUTHOR),
    post("/skriv/forhandsvisning", field_preview.field_preview, AUTHOR),
    post("/skriv/liknande", similar.similar_fragment, AUTHOR),
    get("/skriv/klart/{id:[0-9a-f]{64}}", write.published_page, AUTHOR),
    get("/utkast", drafts.drafts_page, AUTHOR),
    get(DRAFT, drafts.open_draft, AUTHOR),
    post(DRAFT, drafts.save, AUTHOR),
    post(f"{DRAFT}/kasta", drafts.throw_away, AUTHOR),
    get(f"{DRAFT}/tillbaka", review.send_back_form, EDITOR),
    post(f"{DRAFT}/tillbaka", review.send_back, EDITOR),
    post(f"{DRAFT}/valj", drafts.choose, AUTHOR),
    get("/importera", imports.imports_page, EDITOR),
    post("/importera", imports.begin, EDITOR),
    get(IMPORT, imports.import_page, EDITOR),
    post(IMPORT, imports.step, EDITOR),
    post(f"{IMPORT}/kasta", imports.throw_away, EDITOR),
    post("/bilagor", attachments.upload, AUTHOR),
    get(f"/filer/{FILE}", files.download, READING),
    get(f"/bilder/{FILE}", files.picture, READING),
    get(f"{DRAFT}/bilder/{FILE}", files.draft_picture, AUTHOR),
    get(f"{RECORD}/andra", write.edit_form, AUTHOR),
    post(f"{RECORD}/andra", write.edit_step, AUTHOR),
    get(f"{RECORD}/aterkalla", withdraw.withdraw_form, AUTHOR),
    post(f"{RECORD}/aterkalla", withdraw.withdraw, AUTHOR),
    post(f"{RECORD}/kommentarer", actions.comment, AUTHOR),
    post(f"{COMMENT}/angra", actions.undo_comment, AUTHOR),
    post(f"{COMMENT}/hjalpte", actions.accept_answer, AUTHOR),
    post(f"{RECORD}/anvander", actions.declare_use, AUTHOR),
    post(f"{RECORD}/anvander/angra", actions.undo_use, AUTHOR),
    post(f"{RECORD}/hjalp", actions.declare_helped, AUTHOR),
    post(f"{RECORD}/hjalp/angra", actions.undo_helped, AUTHOR),
    post(INTEREST, actions.declare_interest, AUTHOR),
    post(f"{INTEREST}/angra", actions.undo_interest, AUTHOR),
    get(RECORD, records.record_page, READING),
    get(f"{RECORD}/skillnad", versions.difference_page, READING),
    get(f"{RECORD}/bevis.cbor", records.evidence_file, READING),
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
    get("/nytt", news.news_page, READER),
    get("/foljer", following.following_page, READER),
    post("/foljer", following.begin, READER),
    post("/foljer/sluta", following.end, READER),
    post("/foljer/flode", following.make_feed_address, READER),
    post("/foljer/flode/avsluta", following.end_feed_address, READER),
    post("/foljer/utskick", mail.ask, READER),
    post("/foljer/utskick/sluta", mail.stop, READER),
    get("/utskick", mail.state_page, OPERATOR),
    get(f"/utskick/bekrafta/{KEY}", mail.confirm_form, LINK),
    post(f"/utskick/bekrafta/{KEY}", mail.confirm, LINK),
    get(f"/utskick/sluta/{KEY}", mail.stop_form, LINK),
    post(f"/utskick/sluta/{KEY}", mail.stop_by_link, LINK),
    get("/anvandare", users.users_page, OPERATOR),
    post("/anvandare", users.invite, OPERATOR),
    get("/anvandare/handelser", audit.audit_page, OPERATOR),
    get("/anvandare/nycklar", tokens.tokens_page, OPERATOR),
    post("/anvandare/nycklar", tokens.make, OPERATOR),
    post("/anvandare/nycklar/{number:[0-9]{1,9}}/avsluta", tokens.revoke, OPERATOR),
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
