"""`csem registry agenda` and `csem registry plan`: whom to visit, and what a business plan comes to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import click

from services.registry.cli.house import directly, ready
from services.registry.queries.agenda import monday_of, week_of
from services.registry.queries.plans import show_plan
from shared.kernel import clock

MANY = 200
_FLOW = (
    ("ventas", "sales"),
    ("variables", "variable"),
    ("fijos", "fixed"),
    ("inversión", "investment"),
    ("aporte", "own"),
    ("préstamo", "loan"),
    ("cuota", "instalment"),
    ("neto", "net"),
)
_FIGURES = (
    ("Préstamo que se pide", "asked"),
    ("Cuota más alta", "instalment"),
    ("Efectivo neto de un mes, antes de deudas", "operating_average"),
    ("Capacidad de pago al mes", "capacity"),
    ("Cobertura de la cuota, %", "coverage_percent"),
    ("Margen de contribución, %", "margin_percent"),
    ("Punto de equilibrio: ventas de un mes", "break_even_sales"),
    ("Punto de equilibrio: unidades de un mes", "break_even_units"),
    ("Saldo más bajo", "lowest_balance"),
    ("En el mes", "lowest_in"),
    ("Inversión recuperada en el mes", "recovered_in"),
)


@click.command()
@click.option("--technician", default=None, help="The subject of an account, or `nobody`; everybody's without it.")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Any day of the week; today's.")
@click.pass_obj
def agenda(house: Any, technician: str | None, week: datetime | None) -> None:
    """The visits of a week by day, those of this week after the ones that are late."""
    day = clock.today() if week is None else week.date()
    asked = {"week": day, "technician": technician}
    work = directly(ready(house))
    with work.reading() as session:
        rows: list[Mapping[str, Any]] = []
        after: str | None = None
        while True:
            page = week_of(session, work.caller, asked, limit=MANY, after=after)
            rows += page.rows
            after = page.next
            if after is None:
                break
    _tell_week(monday_of(day), rows)


@click.command()
@click.argument("plan_id", type=click.UUID)
@click.pass_obj
def plan(house: Any, plan_id: UUID) -> None:
    """The figures of the business plan PLAN_ID, month by month."""
    service = ready(house)
    say = service.web.extensions["context"].sentence
    work = directly(service)
    with work.reading() as session:
        found = show_plan(session, work.caller, plan_id, lambda code, facts: say(code, facts, "es"))
    _tell_plan(found)


def _tell_week(monday: date, rows: Sequence[Mapping[str, Any]]) -> None:
    click.echo(f"Semana del {monday} al {monday + timedelta(days=6)}: {len(rows)} visitas")
    for row in rows:
        state = "hecha" if row["made_on"] else "atrasada" if row["late"] else ""
        who = ", ".join(f"{woman['given_names']} {woman['surnames']} {woman['phone'] or ''}" for woman in row["owners"])
        where = ", ".join(filter(None, (row["municipality_name"], row["address"])))
        told = f"{row['made_on'] or row['due_on']}  {state:<9} {row['enterprise_name']}: {', '.join(row['purposes'])}"
        click.echo(f"{told}\n{'':12}{where}; {who.strip()}; {row['technician_name'] or 'nadie'}")


def _tell_plan(found: Mapping[str, Any]) -> None:
    click.echo(f"{found['label']}  {found['enterprise_name']}, {found['municipality_name']}  ({found['currency']})")
    figures = found["figures"]
    rows = [
        (f"{month['number']} {month['starts_on']:%m/%Y}", *(month[name] for _, name in _FLOW), month["balance"])
        for month in figures["months"]
    ]
    last = figures["months"][-1]["balance"]
    rows.append(("total", *(figures["total"][name] for _, name in _FLOW), last))
    for row in [("mes", *(title for title, _ in _FLOW), "saldo"), *rows]:
        click.echo(f"{row[0]:<11}" + "".join(f"{value!s:>14}" for value in row[1:]))
    for title, name in _FIGURES:
        value = found["asked"] if name == "asked" else figures[name]
        click.echo(f"{title:<42}{'-' if value is None else value}")
    for remark in found["remarks"]:
        click.echo(f"- {remark['detail']} [{remark['code']}]")
