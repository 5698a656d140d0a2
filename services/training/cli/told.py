"""What a file tells a command, and what a command writes into a file."""

import json
from pathlib import Path
from typing import Any

import click

from shared.web import Input
from shared.web.schemas import load, reader

_KEPT = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE = click.argument("file", type=_KEPT)
"""A file to be read."""
INTO = click.option("--into", type=click.Path(file_okay=False, exists=True, path_type=Path), default=Path())
"""The folder in which a file is written; where the command runs, unless given."""
ON_HOLIDAY = click.option("--on-holiday", is_flag=True, help="Keep the day although it is a public holiday.")


def told_in(file: Path, schema: type[Input]) -> dict[str, Any]:
    """What a JSON file says, read as strictly as the API reads it; refuses what the API refuses."""
    told: dict[str, Any] = load(reader(schema), json.loads(file.read_bytes()))
    return told


def written(into: Path, name: str, content: bytes) -> None:
    """Write a file into a folder, and say where it is."""
    path = into / Path(name).name
    path.write_bytes(content)
    click.echo(path)
