"""docker/compose.yaml as podman options: what it says is what runs here, word for word.

Only what it uses is known. A key that is new there is an error here, so that no line of it goes
untried.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[2] / "docker/compose.yaml"
# How services are built, chosen and restarted is Compose's; ports are reached from within.
LEFT_TO_COMPOSE = frozenset("image build profiles depends_on restart ports".split())


def services() -> dict[str, Any]:
    """The services by name, as the file has them."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    found: dict[str, Any] = document["services"]
    return found


def run_options(service: dict[str, Any]) -> list[str]:
    """The options of `podman run` for a service, without image and command.

    podman would put a folder in memory on /tmp of a read-only root; Docker does not.
    """
    options = []
    for key, value in service.items():
        match key:
            case "read_only":
                options += [f"--read-only={json.dumps(value)}", "--read-only-tmpfs=false"]
            case "cap_drop":
                options += [f"--cap-drop={name}" for name in value]
            case "security_opt":
                options += [f"--security-opt={name}" for name in value]
            case "environment":
                options += [f"--env={name}={setting}" for name, setting in value.items()]
            case "volumes":
                options += [f"--volume={volume}" for volume in value]
            case "entrypoint":
                options.append(f"--entrypoint={json.dumps(value)}")
            case "command":
                pass  # stands after the image
            case _:
                assert key in LEFT_TO_COMPOSE, f"{key} in compose.yaml is not tried"
    return options


def command(service: dict[str, Any]) -> list[str]:
    """What a service is told beyond its entry point."""
    words: list[str] = service.get("command", [])
    assert not any("$" in word for word in words), "Compose would replace this"
    return words
