"""Three containers as docker/compose.yaml has them: cut off, killed, burned, and whole again.

The tests go on from each other, in order: a network that came through one thing meets the next.
"""

from __future__ import annotations

import json
import os

import pytest
from compose_services import run_options
from container_engine import IMAGE, Engine
from container_figures import Figures
from federation import NETWORK, PLACES, Federation

STARTS = 5
PRIVILEGES = """
import errno, json, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
found = {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs")}
found["user"] = [os.getuid(), os.getgid(), os.getgroups()]
found["refused"] = {}
for place in ("/", "/tmp", "/etc", "/opt/tidan/bin", "/dev/shm/..", "/data"):
    try:
        descriptor = os.open(place + "/tried", os.O_CREAT | os.O_WRONLY)
        os.close(descriptor)
        os.unlink(place + "/tried")
    except OSError as error:
        found["refused"][place] = errno.errorcode[error.errno]
print(json.dumps(found))
"""


@pytest.mark.parametrize("place", PLACES)
def test_a_node_runs_without_privilege(federation: Federation, place: str) -> None:
    """Not root, no capability to get or to win back, and nothing can be written but the volume."""
    found = json.loads(federation.python(place, PRIVILEGES))

    assert found["user"] == [10480, 10480, []]
    assert {name: int(found[name], 16) for name in found if name.startswith("Cap")} == {
        "CapInh": 0,
        "CapPrm": 0,
        "CapEff": 0,
        "CapBnd": 0,
    }
    assert found["NoNewPrivs"] == "1"
    assert "/data" not in found["refused"]
    assert set(found["refused"]) >= {"/", "/tmp", "/etc", "/opt/tidan/bin"}


def test_the_health_check_of_the_image_tells(federation: Federation, engine: Engine) -> None:
    """The image's own check succeeds where a node serves, and fails where none does."""
    (image,) = json.loads(engine("image", "inspect", IMAGE))
    kind, *check = image["Healthcheck"]["Test"]
    nobody = ["run", "--rm", "--no-healthcheck", "--network", "none", "--entrypoint", check[0]]

    assert kind == "CMD"
    assert engine.attempt("exec", "hjo", *check).returncode == 0
    assert engine.attempt(*nobody, IMAGE, *check[1:]).returncode == 1


def test_a_record_reaches_who_never_met_its_author(
    federation: Federation, figures: Figures
) -> None:
    """What Hjo publishes is on Falköping's page, through Tidaholm, by the names in compose.yaml."""
    record = federation.publish("hjo", "den första")

    federation.until_equal(*PLACES, records=1)
    assert "Exempel: den första" in federation.page("falkoping", f"/erfarenheter/{record}")
    figures.shown.append("A record crossed from Hjo through Tidaholm to Falköping.")


def test_a_node_that_is_cut_off_works_and_heals(
    federation: Federation, engine: Engine, figures: Figures
) -> None:
    """Without its network a node still publishes; once it is back, all three hold all of it."""
    engine("network", "disconnect", NETWORK, "falkoping")
    federation.publish("hjo", "medan Falköping är borta")
    federation.publish("falkoping", "skriven utan nät")
    federation.until_equal("hjo", "tidaholm", records=2)
    assert federation.tidan("falkoping", "status")["records"] == 2

    engine("network", "connect", NETWORK, "falkoping")

    federation.until_equal(*PLACES, records=3)
    figures.shown.append("A node without its network published, and all were equal once it healed.")


def test_a_killed_node_has_what_it_acknowledged(
    federation: Federation, engine: Engine, figures: Figures
) -> None:
    """kill -9 right after an acknowledgement loses nothing; others went on meanwhile."""
    record = federation.publish("tidaholm", "kvitterad just före")
    engine("kill", "--signal", "KILL", "tidaholm")
    federation.publish("hjo", "medan Tidaholm är nere")

    engine("start", "tidaholm")

    federation.ready("tidaholm")
    assert "kvitterad just före" in federation.page("tidaholm", f"/erfarenheter/{record}")
    federation.until_equal(*PLACES, records=5)
    figures.shown.append("A node killed right after an acknowledgement still had the record.")


def test_a_burned_node_comes_back_from_its_sheet(
    federation: Federation, engine: Engine, figures: Figures
) -> None:
    """With nothing but its recovery sheet, a node gets its log back from a neighbour and signs
    again; the commands for it work in the image as they are documented."""
    log, neighbour = (federation.tidan(place, "status")["log"] for place in ("hjo", "tidaholm"))
    sheet = federation.python("hjo", "print(open('/data/hjo.sheet.txt').read())")
    federation.end("hjo")
    hjo = run_options(federation.services["hjo"])
    once = ("run", "--rm", "--no-healthcheck", "--interactive", "--network", NETWORK, *hjo)
    burn = "import shutil; shutil.rmtree('/data/hjo')"
    engine(*once, "--entrypoint", "python", IMAGE, "-c", burn)

    words = ("recover", "--neighbour", "http://tidaholm:8480", neighbour, "--log", log, "--yes")
    new_sheet = ("--new-sheet", "/data/hjo.sheet2.txt")
    found = json.loads(engine(*once, IMAGE, "--json", *words, *new_sheet, given=key_on(sheet)))

    assert found["log"] == log
    assert found["records"] == 5
    federation.start("hjo")
    federation.publish("hjo", "efter branden")
    federation.until_equal(*PLACES, records=6)
    assert federation.tidan("tidaholm", "status")["frozen_logs"] == 0
    figures.shown.append("A node whose volume burned came back from its recovery sheet alone.")


def key_on(sheet: str) -> str:
    """The recovery key that a sheet shows, below its heading."""
    return sheet.partition("är kontroll):\n\n")[2].partition("\n\n")[0]


def test_a_stop_is_heard(federation: Federation, engine: Engine) -> None:
    """The engine's ordinary signal ends a node in good order, before the engine kills it."""
    engine("stop", "--time", "30", "hjo")
    (state,) = json.loads(engine("inspect", "hjo"))

    assert state["State"]["ExitCode"] == 0
    last = engine.attempt("logs", "hjo").stderr.splitlines()[-1]
    assert json.loads(last)["event"] == "stopped serving"


def test_a_first_start_and_the_next(
    federation: Federation, engine: Engine, figures: Figures
) -> None:
    """On a fresh volume `init` shows the recovery sheet and keeps none; the node is ready after
    each start, and how soon is told."""
    node = run_options(federation.services["node"])
    once = ("run", "--rm", "--no-healthcheck", "--network", "none", *node, IMAGE)
    made = json.loads(engine(*once, "--json", "init", "--code", "1497"))
    for _ in range(STARTS):
        figures.starts.append(federation.start("node"))
        files = federation.python("node", "import os; print(*os.listdir('/data'))").split()
        federation.end("node")

    figures.load = os.getloadavg()[0]

    assert made["recovery_key"]
    assert {"signing.key", "guard", "log_id", "tidan.sqlite"} <= set(files)
    assert not [name for name in files if "sheet" in name or "recovery" in name]
