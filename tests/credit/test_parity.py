"""Everything works through page, API and command: what the table promises is there, and nothing of the API is left out."""

import json
from collections.abc import Iterator

import click
from flask import Flask

from services.credit.cli import group
from services.portal.pages import credit, events, verify
from shared.testing import ROOT
from tests.credit import parity

_VERBS = {"get", "post", "put", "patch", "delete"}


def test_every_operation_has_its_page_and_its_command_or_says_why_not() -> None:
    paths = json.loads((ROOT / "docs" / "api" / "credit.openapi.json").read_text())["paths"]
    operations = {told["operationId"] for verbs in paths.values() for verb, told in verbs.items() if verb in _VERBS}
    assert set(parity.WAYS) == operations


def test_the_pages_of_the_table_are_there() -> None:
    app = Flask("pages")
    for area in (credit, events, verify):
        app.register_blueprint(area.blueprint)
    named = {page if "." in page else f"pages_credit.{page}" for page, _ in parity.WAYS.values()}
    assert named - set(app.view_functions) == set()


def test_the_commands_of_the_table_are_there() -> None:
    reasons = {value for name, value in vars(parity).items() if name.isupper() and isinstance(value, str)}
    named = {way for _, way in parity.WAYS.values()} - reasons
    assert named - set(_commands(group)) == set()


def _commands(among: click.Group, before: str = "") -> Iterator[str]:
    for name, command in among.commands.items():
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
