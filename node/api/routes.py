"""All addresses of the API, the exports and the open-data catalogue, in one table.

Who asks is looked up by the API itself, so its routes need nothing of the pages' own check; exports
are links on a page and follow the session of whoever opens them.
"""

from __future__ import annotations

from node.api import (
    audit_export,
    dcat_pages,
    decision_export,
    export_pages,
    statistics_files,
)
from node.api.openapi import PATH, openapi_document
from node.api.operations import OPERATIONS, served
from node.api.page import api_page
from node.web.access import Open, get
from node.web.feeds import PERSONAL
from storage.account_views import Role

CALENDAR = "/erfarenheter/datum.ics"

API_ROUTES = (
    *(get(operation.path, served(operation), Open.UNSEEN) for operation in OPERATIONS),
    get(PATH, openapi_document, Open.UNSEEN),
    get("/api", api_page, Open.READING),
    get(dcat_pages.PATH, dcat_pages.by_wish, Open.UNSEEN),
    *(
        get(dcat_pages.PATH + ending, dcat_pages.as_file(ending), Open.UNSEEN)
        for ending in dcat_pages.SYNTAXES
    ),
    get("/erfarenheter/export.csv", export_pages.csv_file, Open.READING),
    get("/erfarenheter/export.jsonl", export_pages.json_lines_file, Open.READING),
    get("/erfarenheter/export.tar.gz", export_pages.markdown_files, Open.READING),
    get("/grannar/beslut.csv", decision_export.csv_file, Role.FEDERATION_ADMIN),
    get("/anvandare/handelser.csv", audit_export.csv_file, Role.FEDERATION_ADMIN),
    get("/anvandare/handelser.jsonl", audit_export.json_lines_file, Role.FEDERATION_ADMIN),
    get(statistics_files.PATH, statistics_files.table_file, Open.READING),
    get(CALENDAR, export_pages.calendar, Open.READING),
    get(PERSONAL + CALENDAR, export_pages.calendar, Open.LINK),
)
