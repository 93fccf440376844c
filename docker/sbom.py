"""Write the image's bill of materials: what is in it, in CycloneDX 1.6, equal for equal contents.

    python docker/sbom.py /opt/tidan base-packages.json /opt/tidan/sbom.cdx.json

cyclonedx-py reads the installed distributions; what `assemble.py` took of the base is added. There
is neither a time nor a serial number in it, so that a difference is a difference in contents.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main(environment: Path, base: Path, target: Path) -> None:
    """Read the environment and the list, and write the document; ends with 1 if it is not valid."""
    document = distributions(environment)
    for package in json.loads(base.read_text("utf-8")):
        add(document, **package)
    document["components"].sort(key=lambda component: component["bom-ref"])
    document["dependencies"].sort(key=lambda dependency: dependency["ref"])
    text = f"{json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)}\n"
    if (error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        sys.exit(f"The bill of materials is not valid: {error}")
    target.write_text(text, "utf-8")


def distributions(environment: Path) -> dict[str, Any]:
    """What cyclonedx-py finds installed; Tidan itself is what the document is about."""
    command = [
        *(sys.executable, "-m", "cyclonedx_py", "environment"),
        *("--pyproject", "pyproject.toml", "--mc-type", "application"),
        *("--spec-version", "1.6", "--output-format", "JSON", "--output-reproducible"),
        "--no-validate",  # it is validated when it is whole
        str(environment / "bin/python"),
    ]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def add(document: dict[str, Any], kind: str, name: str, version: str) -> None:
    """One part of the base: the interpreter, or a package of the distribution."""
    place = "generic" if kind == "interpreter" else kind
    purl = f"pkg:{place}/{name}@{version}"
    component = {"name": name, "version": version, "purl": purl, "bom-ref": purl}
    component["type"] = "platform" if kind == "interpreter" else "library"
    document["components"].append(component)
    document["dependencies"].append({"ref": purl})
    root = document["metadata"]["component"]["bom-ref"]
    for dependency in document["dependencies"]:
        if dependency["ref"] == root:
            dependency["dependsOn"] = sorted([*dependency.get("dependsOn", ()), purl])


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
