"""Fetch the vendored files again, at the versions the manifest names, through the ordinary npm client.

Raise a `version` in `manifest.json`, run `make vendor`, read the difference, commit both.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.json"

Entry = dict[str, Any]


def main() -> int:
    """Write every file of the manifest and its new hash; says what changed."""
    manifest: dict[str, Entry] = json.loads(MANIFEST.read_text())
    packages = sorted({(entry["package"], entry["version"]) for entry in manifest.values()})
    for package, version in packages:
        with tempfile.TemporaryDirectory() as folder:
            archive = _pack(package, version, Path(folder))
            for name, entry in manifest.items():
                if (entry["package"], entry["version"]) == (package, version):
                    _take(archive, name, entry)
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")
    return 0


def _pack(package: str, version: str, folder: Path) -> Path:
    subprocess.run(  # noqa: S603 - names and versions come from the manifest in this folder
        ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", str(folder)],  # noqa: S607
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(folder.glob("*.tgz"))


def _take(archive: Path, name: str, entry: Entry) -> None:
    with tarfile.open(archive) as files:
        member = files.extractfile(f"package/{entry['member']}")
        if member is None:
            raise SystemExit(f"{entry['package']} has no file {entry['member']}")
        content = member.read()
    digest = hashlib.sha256(content).hexdigest()
    sys.stdout.write(f"{'same   ' if digest == entry['sha256'] else 'changed'} {name}\n")
    entry["sha256"] = digest
    (HERE / name).write_bytes(content)


if __name__ == "__main__":
    raise SystemExit(main())
