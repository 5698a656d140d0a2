"""Everything works through page, API and command: what the table promises is there, and nothing of the API is left out."""

import json
from collections.abc import Iterator

import click
from flask import Flask

from services.portal.pages import answer, by_link, csr_registration, diploma, events, sme, training, verify
from services.training.cli import group
from shared.testing import ROOT
from tests.training import parity

_VERBS = {"get", "post", "put", "patch", "delete"}
_REASONS = {value for name, value in vars(parity).items() if name.isupper() and isinstance(value, str)}


def test_every_operation_has_its_page_and_its_command_or_says_why_not() -> None:
    paths = json.loads((ROOT / "docs" / "api" / "training.openapi.json").read_text())["paths"]
    operations = {told["operationId"] for verbs in paths.values() for verb, told in verbs.items() if verb in _VERBS}
    assert set(parity.WAYS) == operations


def test_the_pages_of_the_table_are_there() -> None:
    app = Flask("pages")
    for area in (training, answer, by_link, csr_registration, diploma, events, sme, verify):
        app.register_blueprint(area.blueprint)
    pages = {page for page, _ in parity.WAYS.values()} - _REASONS
    named = {page if "." in page else f"pages_training.{page}" for page in pages}
    assert named - set(app.view_functions) == set()


def test_the_commands_of_the_table_are_there() -> None:
    named = {way for _, way in parity.WAYS.values()} - _REASONS
    assert named - set(_commands(group)) == set()


def _commands(among: click.Group, before: str = "") -> Iterator[str]:
    for name, command in among.commands.items():
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
