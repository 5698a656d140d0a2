"""The visits of a week, to be read, printed or put into a calendar; the hours of technical assistance."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from flask import Response, current_app, g, render_template, request

from services.portal import queries
from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.language import locale
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import OVERSEERS, blueprint
from services.portal.pages.registry.codes import PURPOSES
from services.portal.rules.calendars import Entry, calendar
from shared.database import Database
from shared.kernel import clock

GROUPS = {
    "technician": "Technician",
    "need": "Need",
    "accompaniment": "Enterprise",
    "month": "Month",
}


@blueprint.get("/accompaniments/agenda")
@for_roles(*OVERSEERS)
def visit_agenda() -> Any:
    """The visits of a week by day, the late ones first; a technician's own unless she asks for others."""
    monday, asked = _asked()
    found = api("registry").get("/accompaniments/agenda", asked | {"limit": 200, "after": request.args.get("after")})
    today = clock.today()
    late = [row for row in found.rows if row["late"] and row["due_on"] < max(monday, today).isoformat()]
    rest = [row for row in found.rows if row not in late]
    days: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rest, key=_day):
        days.setdefault(_day(row), []).append(row)
    return render_template(
        "registry/agenda.html",
        found=found,
        late=late if monday <= today else [],
        days=[(_weekday(day), rows) for day, rows in days.items()],
        monday=monday,
        sunday=monday + timedelta(days=6),
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        this_week=monday <= today <= monday + timedelta(days=6),
        form=Form({"technician": asked["technician"] or "all", "week": monday.isoformat()}),
        team=_team(),
        whose=asked["technician"],
    )


@blueprint.get("/accompaniments/agenda.ics")
@for_roles(*OVERSEERS)
def agenda_file() -> Any:
    """The visits of the week that are still to be made, as an iCalendar file: where and what for; no telephone, no
    address and no name but the enterprise's.
    """
    monday, asked = _asked()
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        found = api("registry").get("/accompaniments/agenda", asked | {"limit": 200, "after": after})
        rows += [row for row in found.rows if not row["made_on"]]
        after = found.next
        if after is None:
            break
    made = calendar((_entry(row) for row in rows), _("My visits"), clock.now())
    response = Response(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="visitas-{monday.isoformat()}.ics"'
    return response


@blueprint.get("/accompaniments/hours")
@for_roles(*OVERSEERS)
def assistance_hours() -> Any:
    """Visits and hours of technical assistance between two days."""
    today = clock.today()
    begun = {"since": today.replace(day=1).isoformat(), "until": today.isoformat(), "by": "technician"}
    asked = begun | {name: request.args[name][:20] for name in begun if request.args.get(name)}
    form, found, status = Form(asked), Answer(rows=[], visits=0, minutes=0, by=asked["by"]), 200
    try:
        found = api("registry").get("/accompaniments/hours", asked)
    except Problem as problem:
        form.refused(problem)
        status = problem.status
    page = render_template(
        "registry/hours.html", found=found, form=form, choices=codes.choices, GROUPS=GROUPS, named=_named
    )
    return page, status


def _named(row: dict[str, Any], by: str) -> str:
    """What one row of the hours is called."""
    if by == "need":
        return codes.said(codes.NEEDS, row["key"]) if row["key"] in codes.NEEDS else _("Of no named need")
    return str(row["label"] or row["key"])


def _asked() -> tuple[date, dict[str, Any]]:
    """The Monday of the week that is asked for, and whose visits."""
    try:
        day = date.fromisoformat(request.args.get("week", "")[:10])
    except ValueError:
        day = clock.today()
    day = min(max(day, date(1901, 1, 1)), date(2199, 1, 1))
    monday = day - timedelta(days=day.weekday())
    whose = request.args.get("technician", "")[:120]
    if not whose and me().has("technician") and not me().has("coordinator"):
        whose = "me"
    return monday, {"week": monday.isoformat(), "technician": None if whose in {"", "all"} else whose}


def _day(row: dict[str, Any]) -> str:
    return str(row["made_on"] or row["due_on"])


def _weekday(day: str) -> str:
    """Monday 30 November, in the reader's language."""
    pattern = "EEEE d MMMM" if g.language == "en" else "EEEE d 'de' MMMM"
    told = format_date(date.fromisoformat(day), pattern, locale=locale())
    return told[:1].upper() + told[1:]


def _entry(row: dict[str, Any]) -> Entry:
    name = row["enterprise_name"] or _("Enterprise %(number)s", number=row["enterprise_id"][-6:])
    return Entry(
        uid=f"{row['id']}@red-csem",
        day=date.fromisoformat(row["due_on"]),
        summary=_("Visit: %(name)s", name=name),
        place=row["municipality_name"],
        notes=codes.listed(PURPOSES, row["purposes"]),
    )


def _team() -> Iterable[tuple[str, str]]:
    """Whose weeks may be chosen: everybody's, of nobody yet, and those of the technicians of her territory."""
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        page = queries.list_people(session, scope=me().scope, role="technician", limit=200, after=None)
    people = [(str(row["id"]), str(row["name"])) for row in page.rows]
    own = [("me", _("Mine"))] if me().has("technician") else []
    return [*own, ("all", _("Everybody's")), ("nobody", _("Of nobody yet")), *people]
