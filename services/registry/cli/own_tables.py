"""Tables of people's own on the command line: what their columns are, and which of their rows are to be put right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from services.registry.intake import form, template
from services.registry.intake.corrections import rows_to_correct
from services.registry.intake.dialects import columns_to_map
from services.registry.intake.guessing import FIELDS
from shared.kernel import Invalid
from shared.sandbox import run_limited


class ColumnTold(click.ParamType[tuple[int, str]]):
    """`POS=FIELD`: the column at this place, counted from 1, answers this question."""

    name = "POS=FIELD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        if isinstance(value, tuple):
            return value
        place, _, field = str(value).partition("=")
        if not (place.isascii() and place.isdecimal() and 0 < int(place) < 10_000):
            self.fail(f"«{value}»: falta el número de la columna, desde 1, como en 3=nombres.", param, ctx)
        if field not in FIELDS:
            self.fail(f"«{field}» no es una pregunta. Las hay: {', '.join(FIELDS)}.", param, ctx)
        return int(place) - 1, field


def columns_of(told: Sequence[tuple[int, str]]) -> dict[int, str]:
    """The questions by position, from 0. Refuses a column that was told twice."""
    columns = dict(told)
    if len(columns) < len(told):
        raise click.UsageError("Una columna se dijo dos veces.")
    return columns


def tell_columns(file: Path) -> None:
    """Say which columns the table has, what each is taken for, and how to tell it."""
    try:
        columns = run_limited(columns_to_map, file.read_bytes())
    except Invalid:
        return  # it is said already that it cannot be read
    click.echo("Columnas del archivo, y lo que parecen:", err=True)
    for column in columns:
        meant = f"{column['field']} ({form.title_of(column['field'])})" if column["field"] else "-"
        click.echo(f"  {column['position'] + 1:>3}  {column['header'][:40]:<40}  {meant}", err=True)
    guessed = " ".join(f'--columns "{c["position"] + 1}={c["field"]}"' for c in columns if c["field"])
    needed = ", ".join(field for field in form.ESSENTIAL)
    click.echo(f"Revise y repita la orden con: {guessed}", err=True)
    click.echo(f"Hacen falta: {needed}.", err=True)


def write_corrections(
    file: Path, wanted: Path, problems: Sequence[Mapping[str, Any]], mapping: Mapping[str, str] | None
) -> int:
    """Write the rows with problems, in the columns of the template, into `wanted`, whole or not at all and for its
    owner alone; comes back with how many. Nothing is written where there are none.
    """
    found = run_limited(rows_to_correct, file.read_bytes(), [dict(problem) for problem in problems], mapping)
    if not found["rows"]:
        return 0
    with TemporaryDirectory(dir=wanted.absolute().parent, prefix=".csem-") as folder:
        partial = Path(folder) / wanted.name
        partial.write_bytes(template.corrections_xlsx(found["rows"], found["notices"]))
        partial.chmod(0o600)
        partial.replace(wanted)
    return len(found["rows"])
