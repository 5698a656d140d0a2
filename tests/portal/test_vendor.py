"""The vendored files are the published ones, with their licence."""

import hashlib
import json

from services.portal.app import HERE

VENDOR = HERE / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())


def test_every_vendored_file_is_in_the_manifest_with_its_hash() -> None:
    for name, entry in MANIFEST.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == entry["sha256"], name


def test_nothing_else_stands_beside_them() -> None:
    own = {"manifest.json", "refresh.py", "__pycache__"}
    assert {path.name for path in VENDOR.iterdir()} - own == set(MANIFEST)


def test_every_file_names_its_package_version_and_licence() -> None:
    for name, entry in MANIFEST.items():
        assert entry["package"], name
        assert entry["version"][0].isdecimal(), name
        assert entry["licence"], name
        assert (VENDOR / entry["licence_file"]).is_file(), name
