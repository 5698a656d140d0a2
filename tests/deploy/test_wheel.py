"""The wheel holds the whole product: what is installed from it runs without the repository."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from shared.testing import ROOT

ROOMS = ("shared", "services", "deploy")
PARTS_OF_FRAMEWORKS = {"werkzeug", "jinja2", "markupsafe", "amqp", "apispec", "pyproj"}
"""They come with Flask, kombu, flask-smorest and geopandas, in the version that these want."""
NOT_IMPORTED = {"setuptools", "phonenumberslite", "python-stdnum", "xlsxwriter"}
"""The first builds the project; the others are for what the inventory takes in and gives out."""

SERVE = """
from deploy.house import House
import os, shared, services, deploy
assert all("site-packages" in room.__path__[0] for room in (shared, services, deploy)), shared.__path__
house = House(os.environ)
for service in house:
    web = house.service(service).web.test_client()
    assert web.get("/readyz").status_code == 200, service
    assert web.get(f"/api/{service}/v1/openapi.json").status_code == 200, service
page = web.get("/sign-in")
assert page.status_code == 200, page.text
sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
assert web.get(sheet).status_code == 200, sheet
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with a little of what a run leaves in it."""
    folder = tmp_path_factory.mktemp("source")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / room / "__pycache__").mkdir()
        (folder / room / "__pycache__" / "left.cpython-311.pyc").touch()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (built,) = folder.glob("red_csem-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and, beside it, the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    pip("--python", folder / "bin" / "python", "install", "--no-deps", wheel)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


def pip(*words: object) -> None:
    run(sys.executable, "-m", "pip", "--quiet", "--no-input", *words, "--no-index")


def run(*words: object, **environ: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CSEM_", "PYTHON"))}
    command = [str(word) for word in words]
    done = subprocess.run(
        command, env=kept | environ, capture_output=True, text=True, timeout=300, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_of_the_product_is_in_the_wheel_and_nothing_that_was_compiled(source: Path, wheel: Path) -> None:
    files = [path for room in ROOMS for path in (source / room).rglob("*") if path.is_file()]
    ours = {str(path.relative_to(source)) for path in files if path.suffix != ".pyc"}
    with ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert packed == ours


def test_what_is_installed_makes_a_house_serves_it_and_prints(installed: Path, tmp_path: Path) -> None:
    here = {"CSEM_HOME": str(tmp_path / "house")}
    run(installed / "csem", "keys", "create", **here)
    run(installed / "csem", "migrate", **here)
    run(installed / "python", "-c", SERVE, **here)
    run(installed / "csem", "territory", "report", "HN1709", "-o", tmp_path / "report.pdf", **here)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_every_library_that_is_imported_is_declared_and_no_other() -> None:
    """One that came along with another goes when that one goes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [told for name, kept in project["optional-dependencies"].items() if name != "dev" for told in kept]
    declared = {_named(told) for told in [*project["dependencies"], *extras]}
    imported = _imported()
    assert imported - declared <= PARTS_OF_FRAMEWORKS
    assert declared - imported <= NOT_IMPORTED


def _imported() -> set[str]:
    distributions = packages_distributions()
    found: set[str] = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "bench" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return {
        _named(told) for name in found - {*ROOMS, *sys.stdlib_module_names} for told in distributions.get(name, [name])
    }


def _named(requirement: str) -> str:
    """The normalised name of a distribution, without extras and versions."""
    told = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert told
    return re.sub(r"[-_.]+", "-", told[0]).lower()
