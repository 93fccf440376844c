"""Somebody who asks a node for everything it has, page by page and verb by verb."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

from content_factories import an_experience
from factories import LogMaker
from mail_server import MailServer, mail_server
from memory_blobs import blob_of
from neighbour_use import become_neighbours, change_quotas, take_back
from node.operations.verbs import perform
from node_factories import TestNode, example_record
from protocol.content import Comment, Helped, Interest, Use
from protocol.identity import SigningKey, next_key_digest
from storage.account_views import Role
from storage_factories import some_attachments
from web_site import CONFIRMED, FORM, SAME_ORIGIN, Site, write
from whole_care import look_after
from whole_ways import go_one_s_ways

RECORDS = 300
PASSWORD = "trut harv kaffe sjö"
MARKDOWN = """---
titel: Exempel – sensorer i soptunnor
sammanfattning: Fyllnadsgivare i 40 tunnor minskade körningen.
område: teknik.avfall
status: drift
kontakt: {roll: Renhållningen, e-post: renhallning@exempel.se}
---
## Resultat

En tredjedel färre tömningar.
"""


def hjo() -> LogMaker:
    """A neighbour's log with records, answers to them, and one entry nobody can read."""
    maker = LogMaker(2, code="1497", name="Hjo kommun")
    for number in range(RECORDS):
        files = some_attachments(Random(number))
        content = an_experience(title=f"Exempel {number}", attachments=files)
        record = write(maker, "experience", content)
        if number % 10 == 0:
            write(maker, "comment", Comment(record=record, text="Exempel: hur gick det?"))
            write(maker, "use", Use(record=record, since_year=2024))
            write(maker, "helped", Helped(record=record, reused="Exempel: mallen"))
            write(maker, "interest", Interest(record=record, interest="samverka"))
    maker.append("later", b"{}")
    return maker


class Visitor:
    """Asks a node for everything it has, and remembers for what."""

    def __init__(self, site: Site, folder: Path) -> None:
        self._site = site
        self._folder = folder
        self.asked: set[str] = set()
        self.verbs: set[str] = set()

    async def get(self, path: str, status: int = 200) -> None:
        """Ask for a page; redirects are followed by hand."""
        answer = await self._site.get(path)
        if answer.status in {301, 302} and status == 200:
            self.asked.add(f"GET {path.partition('?')[0]}")
            await self.get(answer.location)
            return
        assert answer.status == status, (path, answer.status)
        self.asked.add(f"GET {path.partition('?')[0]}")

    async def post(self, path: str, *fields: tuple[str, str], status: int = 303) -> str:
        """Send a form that must be accepted; returns where it leads."""
        answer = await self._site.post(path, list(fields), SAME_ORIGIN)
        assert answer.status == status, (path, answer.status, answer.text[:500])
        self.asked.add(f"POST {path}")
        return answer.headers.get("Location", "")

    async def ask(self, verb: str, /, **arguments: object) -> Any:
        """Perform one verb."""
        self.verbs.add(verb)
        return await perform(self._site.served.node.operations, verb, arguments)

    async def read(self, record: str) -> None:
        """Every page, lists with every filter."""
        for filters in (
            "",
            "?sida=3",
            "?sida=9999",
            "?amne=aldre",
            "?amne=aldre.hemtjanst&status=pilot&typ=erfarenhet",
            "?kommun=1497",
            "?kommun=1497&sida=3",
            "?q=nyckel",
            "?q=nyckel&kommun=1497",
            "?trakt=lan-14&grupp=liknar-oss",
            "?trakt=grannar&amne=aldre&sida=2",
            "?svar=saknas",
            "?svar=vantar&amne=aldre&kommun=1497",
            "?svar=saknas&q=nyckel",
            "?produkt=exempel&leverantor=exempel&ar=2026-11",
        ):
            await self.get(f"/erfarenheter{filters}")
        for path in ("/amnen", "/amnen/aldre", "/amnen/aldre.hemtjanst"):
            await self.get(path)
        for path in (
            "/",
            "/sok",
            "/sok/forslag?q=exempel",
            "/kommuner",
            "/kommuner/1497",
            "/statistik",
            "/skriv",
            "/grannar",
            "/grannar/avstand",
            "/om",
        ):
            await self.get(path)
        for path in ("/tillganglighet", "/hjalp", "/hjalp/skriva"):
            await self.get(path)
        for path in ("/grannar/hamtning", f"/erfarenheter/{record}", "/favicon.ico"):
            await self.get(path)
        await self.get(f"/erfarenheter/{record}?version={record}")
        await self.get(f"/erfarenheter/{record}/skillnad")
        await self.get(f"/erfarenheter/{record}/bevis.cbor")
        await self.get(f"/static/{'0' * 64}/tidan.css", status=404)
        await self.read_as_a_program(record)

    async def read_as_a_program(self, record: str) -> None:
        """Every address of the API, and every file that lists are given out as."""
        api = "/api/v1"
        for path in (
            "/api",
            f"{api}/openapi.json",
            f"{api}/records",
            f"{api}/records?q=nyckel&place=lan-14&group=liknar-oss",
            f"{api}/records?place=lan-14&page_size=100&page=2",
            f"{api}/records/{record}",
            f"{api}/municipalities",
            f"{api}/municipalities/1497",
            f"{api}/statistics",
            f"{api}/logs",
            f"{api}/logs/{self._site.served.log}",
            "/dcat",
            "/dcat.ttl",
            "/dcat.jsonld",
            "/dcat.rdf",
            "/statistik/amnen.csv",
            "/erfarenheter/export.csv?amne=aldre",
            "/erfarenheter/export.jsonl",
            "/erfarenheter/export.tar.gz",
            "/erfarenheter/datum.ics",
        ):
            await self.get(path)
        made = await self.ask("make_api_token", name="Exempel", scope="admin")
        asked = await self._site.get(f"{api}/neighbours", Authorization=f"Bearer {made['token']}")
        assert asked.status == 200, asked.text
        self.asked.add(f"GET {api}/neighbours")
        await self.ask("api_tokens")
        await self.ask("revoke_api_token", number=made["number"])

    async def write(self, foreign: str) -> None:
        """Everything that a form can do with an own and a foreign record."""
        form = (*FORM.items(), *await self._attach(), *CONFIRMED, ("steg", "publicera"))
        done = await self.post("/skriv", *form)
        await self.get(done)
        await self.draft()
        await self.bring()
        own = re.findall(r"[0-9a-f]{64}", done)[0]
        await self.get(f"/erfarenheter/{own}/andra")
        edited = [*form, ("version", own), ("related", foreign)]
        await self.post(f"/erfarenheter/{own}/andra", *edited)
        await self.get(f"/erfarenheter/{own}/aterkalla")
        page = f"/erfarenheter/{foreign}"
        said = await self.post(f"{page}/kommentarer", ("text", "Hur?"), ("kind", "question"))
        comment = said.rpartition("#k-")[2]
        await self.post(f"{page}/kommentarer/{comment}/angra")
        await self.post(f"{page}/anvander", ("since_year", "2024"))
        await self.get("/kommuner/1498")
        await self.post(f"{page}/anvander/angra")
        await self.post(f"{page}/intresse/samverka")
        await self.post(f"{page}/intresse/samverka/angra")
        await self.post(f"{page}/hjalp", ("reused", "Mallen."))
        await self.post(f"{page}/hjalp/angra")
        await self._accept_answer()
        await self.post(f"/erfarenheter/{own}/aterkalla", ("reason", "Exempel: fel text."))

    async def bring(self) -> None:
        """An import that becomes a draft, and one that is thrown away."""
        await self.get("/importera")
        for title, path in (("Exempel: hämtat", ""), ("Exempel: kastat", "/kasta")):
            text = f"# {title}\n\nKort om det hela.\n\n## Läget\n\nEn text.\n".encode()
            answer = await self._site.upload("/importera", {}, ("exempel.md", text))
            assert answer.status == 303, answer.text[:500]
            self.asked.add("POST /importera")
            await self.get(answer.location)
            page = (await self._site.get(answer.location)).text
            taken = [
                ("ta-med", value) for value in re.findall(r'name="ta-med" value="(\w+)"', page)
            ]
            sent = [] if path else [("steg", "utkast"), *taken]
            await self.post(f"{answer.location}{path}", *sent)

    async def draft(self) -> None:
        """Keep drafts, look at them, let two texts meet, and throw one away."""
        drafts = [number * 32 for number in "ab"]
        for draft in drafts:
            await self.post(f"/utkast/{draft}", *FORM.items(), status=200)
            await self.get(f"/utkast/{draft}")
        kept = (("utkast", drafts[0]), ("utkast_version", "1"))
        await self.post("/skriv", *kept, ("title", "Exempel: nytt"), ("steg", "spara"))
        late = (*kept, ("title", "Exempel: krock"))
        await self.post(f"/utkast/{drafts[0]}", *late, status=409)
        chosen = (("title", "Exempel: krock"), ("utkast_version", "2"), ("undan", "c" * 32))
        await self.post(f"/utkast/{drafts[0]}/valj", *chosen)
        await self.post("/skriv/forhandsvisning", ("text", "**Fet**"), status=200)
        await self.post("/skriv/liknande", ("title", "Exempel 12"), status=200)
        await self.get("/utkast")
        await self.post(f"/utkast/{drafts[1]}/kasta")
        editor, author = self._site, await self._site.signed_in(Role.AUTHOR, "bo")
        self._site = author
        await self.post(
            "/skriv", *FORM.items(), *CONFIRMED, ("utkast", "d" * 32), ("steg", "lamna")
        )
        self._site = editor
        await self.get(f"/utkast/{'d' * 32}/tillbaka")
        await self.post(f"/utkast/{'d' * 32}/tillbaka", ("ord", "Exempel: mer om kostnaden."))

    async def _attach(self) -> list[tuple[str, str]]:
        """Send a file and ask for it; returns what the form then carries."""
        data = b"Exempel"
        row = await self._site.upload("/bilagor", {"nummer": "0"}, ("a.txt", data))
        assert row.status == 200, row
        self.asked.add("POST /bilagor")
        digest = blob_of(data).digest.hex()
        await self.get(f"/filer/{digest}/a.txt", status=404)
        await self.get(f"/bilder/{digest}/a.png", status=404)
        await self.get(f"/utkast/{'d' * 32}/bilder/{digest}/a.png", status=404)
        carried = re.findall(r'name="(attachment_\w+)" value="([^"]+)"', row.text)
        return [*carried, ("attachment_0_description", "Exempel")]

    async def _accept_answer(self) -> None:
        question = await self._site.publish(type="fraga", title="Exempel: vem vet?")
        skara = LogMaker(3, code="1495", name="Skara kommun")
        answer = write(skara, "comment", Comment(record=question, text="Vi.", kind="answer"))
        await self._site.receive(skara)
        await self.get("/statistik")
        await self.post(f"/erfarenheter/{question}/kommentarer/{answer}/hjalpte")
        await self.get("/statistik")

    async def manage(self) -> None:
        """Every verb about users, and every form of their pages."""
        signed_in = self._site
        await look_after(self, signed_in)
        for path in ("/konto", "/anvandare"):
            await self.get(path)
        await self.post("/tillganglighet", ("text", "Exempel: kartan går inte att läsa."))
        await self.get("/tillganglighet/synpunkter")
        await self.post("/tillganglighet/synpunkter/1/klar")
        await self.get("/anvandare/nycklar")
        wished = (("system", "Exempel"), ("ratt", "read-federation"))
        await self.post("/anvandare/nycklar", *wished, status=200)
        await self.post("/anvandare/nycklar/1/avsluta")
        for verb in ("setup_link", "users"):
            await self.ask(verb)
        invited = await self.ask("invite_user", name="anna", full_name="Anna", role="operator")
        path = invited["url"].removeprefix(signed_in.served.url)
        self._site = signed_in.signed_out()
        chosen = (("losenord", PASSWORD), ("losenord_igen", PASSWORD))
        await self.get("/logga-in")
        await self.get(path)
        await self.post(path, *chosen)
        await self.post("/logga-in", ("namn", "anna"), ("losenord", PASSWORD))
        self._site = await signed_in.signed_in(Role.OPERATOR, "anna")
        await self.post("/konto/losenord", ("nuvarande", PASSWORD), *chosen)
        for path in ("/konto/logga-ut-overallt", "/logga-ut"):
            self._site = await signed_in.signed_in(Role.OPERATOR, "anna")
            await self.post(path)
        self._site = await signed_in.signed_in(Role.AUTHOR, "bo")
        own = await signed_in.publish(title="Exempel: vem skrev?")
        await self.get(f"/erfarenheter/{own}")
        self._site = signed_in
        await self._manage_on_pages()

    async def _manage_on_pages(self) -> None:
        names = (("visat_namn", "Eva"), ("namn", "eva"), ("roll", "reader"))
        await self.post("/anvandare", *names, status=200)
        users = await self._site.served.node.accounts.users()
        base = next(f"/anvandare/{user.number}" for user in users if user.name == "anna")
        await self.post(f"{base}/losenord", status=200)
        await self.post(f"{base}/roll", ("roll", "reader"))
        await self.post(f"{base}/inaktivera")
        await self.post(f"{base}/aktivera")
        (waiting,) = await self._site.served.node.accounts.invitations()
        await self.post(f"/anvandare/inbjudan/{waiting.digest.hex()}/angra")
        await self.ask("change_user_role", name="anna", role="editor")
        for verb in ("deactivate_user", "activate_user", "reset_user"):
            await self.ask(verb, name="anna")

    async def _rotate(self) -> None:
        seed = self._site.served.sheet_seed
        digests = [next_key_digest(SigningKey(key).public_key).hex() for key in (seed, seed[::-1])]
        for verb in ("compare_key", "rehearse_key"):
            await self.ask(verb, digest=digests[0])
        last = (await self.ask("key_status"))["sequence"] - 1
        after = {"continue_from": last, "reason": "Exempel"}
        await self.ask("rotate_key", seed=seed.hex(), next_digest=digests[1], **after)

    async def follow(self, record: str) -> None:
        """Everything that can be followed, and what is new then."""
        searches = ({"text": "nyckel", "place": "grannar"}, {"year": "2026", "status": "drift"})
        subjects = [("municipality", "1497"), ("record", record)]
        subjects += [("search", json.dumps(search)) for search in searches]
        for kind, target in (*subjects, ("area", "aldre"), ("area", "digital.moln")):
            await self.post("/foljer", ("slag", kind), ("mal", target))
        for path in ("/foljer", "/om", "/nytt", "/om", "/nytt"):
            await self.get(path)
        node = self._site.served.node
        token = await node.following.make_feed_key(await node.accounts.user(1))
        for path in ("/erfarenheter", "/kommuner/1497", f"/erfarenheter/{record}"):
            for before in ("", f"/flode/{token}"):
                await self.get(f"{before}{path}/flode.atom")
        await self.get(f"/flode/{token}/nytt.atom")
        await self.get(f"/flode/{token}/erfarenheter/datum.ics")
        await self.post("/foljer/flode", status=200)
        await self.post("/foljer/flode/avsluta")
        await self.post("/foljer/sluta", ("slag", "area"), ("mal", "digital.moln"))
        with mail_server() as server:
            await self._get_letters(server)

    async def _get_letters(self, server: MailServer) -> None:
        """Everything about mail; the node learns of the server only here."""
        node = self._site.served.node
        digests = node.digests
        digests._settings = node.settings.model_copy(update=server.flags())
        fields = (("adress", "anna@exempel.se"), ("hur_ofta", "daily"))
        await self.post("/foljer/utskick", *fields)
        await self.get(confirm := server.link("/utskick/bekrafta/"))
        await self.post(confirm, status=200)
        await self.post("/foljer/utskick", *fields)
        await self.get("/utskick")
        mariestad = LogMaker(4, code="1493", name="Mariestads kommun")
        write(mariestad, "experience", an_experience(title="Exempel: nyckel"))
        await self._site.receive(mariestad)
        assert await digests.send_due(node.clock.time_ms() + 24 * 60 * 60 * 1000) == 1
        await self.get(stop := server.link("/utskick/sluta/"))
        await self.post(stop, status=200)
        await self.post("/foljer/utskick/sluta")

    async def operate(self, foreign: LogMaker, other: TestNode) -> None:
        """Every verb of the command line, and every form of the page of neighbours."""
        log = foreign.log.hex()
        file = self._folder / "soptunnor.md"
        file.write_text(MARKDOWN, "utf-8")
        await self.ask("publish", kind="experience", content=example_record("Exempel"))
        for _ in range(2):
            await self.ask("import_files", format_name="markdown", paths=[str(file)])
            table = file.with_suffix(".csv")
            table.write_text("Titel;Läget\nExempel: tabell;En text\n", "utf-8")
            await self.ask("import_table", path=str(table))
        editor = (await self._site.served.node.accounts.users())[0]
        await self.ask("bring_files", user=editor.name, format_name="markdown", paths=[str(file)])
        await self.ask("status", with_digest=True)
        for verb in ("members", "neighbours", "knocks", "sync_progress", "scrub"):
            await self.ask(verb)
        for verb in ("scrubbed", "rebuild", "suggested_neighbours"):
            await self.ask(verb)
        await self._rotate()
        await self.ask("holders", sequence=1)
        await self.ask("log_entries", log=log, after_sequence=100, limit=20)
        await self.ask("export_page", log=log, after_sequence=10)
        await self.ask("verify_log", log=log)
        await self.ask("decide_member", verb="accept", log=log)
        await become_neighbours(self, self._site.served.node)
        await take_back(self, self._site.served.node, foreign)
        await self.ask("add_neighbour", log=other.log, url=other.url)
        await self._site.served.node.introductions.review()
        for verb in ("pause_neighbour", "resume_neighbour", "try_neighbour_now"):
            await self.ask(verb, log=other.log)
        await self.ask("neighbour", log=other.log)
        spread = f"/erfarenheter/{foreign.envelopes[1].entry.id.hex()}/spridning"
        for path in (f"/grannar/{other.log}", "/natverk", "/aterstallning", spread):
            await self.get(path)
        await change_quotas(self, other.log)
        for act in ("pausa", "ateruppta", "forsok"):
            await self.post(f"/grannar/{other.log}/{act}")
        await self.post(f"/grannar/{log}/beslut", ("beslut", "inte-nu"))
        await self.read_hidden()
        await self.post(f"/grannar/{log}/beslut", ("beslut", "lagg-till"))
        await self.ask("remove_neighbour", log=other.log)
        await go_one_s_ways(self, self._site, self._site.served.sheet_seed[::-1])

    async def read_hidden(self) -> None:
        """The lists while a log is hidden: other conditions, the same indexes."""
        for path in ("/", "/erfarenheter", "/erfarenheter?amne=aldre", "/kommuner/1498", "/nytt"):
            await self.get(path)
