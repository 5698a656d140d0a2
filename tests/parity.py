"""What a table of pages and commands promises: every operation of an API has both, or says why not, and they are there."""

import json
from collections.abc import Iterator, Mapping
from types import ModuleType

import click
from flask import Flask

from services.portal.pages import (
    answer,
    by_link,
    credit,
    csr_registration,
    curriculum,
    diploma,
    embed,
    events,
    library,
    own_story,
    registry,
    sme,
    stories,
    territory,
    training,
    verify,
)
from shared.testing import ROOT

Ways = Mapping[str, tuple[str, str]]
"""Of each operation the view of the portal and the command, or a reason in place of one of them."""
_VERBS = {"get", "post", "put", "patch", "delete"}
_AREAS = (credit, embed, events, registry, territory, training, verify)
_BY_LINK = (answer, by_link, csr_registration, curriculum, diploma, library, own_story, sme, stories)


def operations_of(service: str) -> set[str]:
    """The operations that a service publishes."""
    paths = json.loads((ROOT / "docs" / "api" / f"{service}.openapi.json").read_text())["paths"]
    return {told["operationId"] for verbs in paths.values() for verb, told in verbs.items() if verb in _VERBS}


def missing_pages(ways: Ways, reasons: set[str], service: str) -> set[str]:
    """The views that a table names and the portal does not have; a bare name is one of the service's own area."""
    app = Flask("pages")
    for area in (*_AREAS, *_BY_LINK):
        app.register_blueprint(area.blueprint)
    named = {page for page, _ in ways.values()} - reasons
    return {page if "." in page else f"pages_{service}.{page}" for page in named} - set(app.view_functions)


def missing_commands(ways: Ways, reasons: set[str], group: click.Group) -> set[str]:
    """The commands that a table names and the service does not have."""
    return {way for _, way in ways.values()} - reasons - set(_commands(group))


def reasons_in(*tables: ModuleType) -> set[str]:
    """The reasons that tables give."""
    return {value for table in tables for name, value in vars(table).items() if name.isupper() and type(value) is str}


def _commands(among: click.Group, before: str = "") -> Iterator[str]:
    for name, command in among.commands.items():
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
