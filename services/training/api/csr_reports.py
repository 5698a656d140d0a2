"""The annual report of the programme, and whether a printed one is ours."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from services.training.composition import Composition
from services.training.documents.csr_report import MEDIA_TYPES, PrintedCsrReport
from services.training.models import IssuedCsrReport
from services.training.queries.csr_report import csr_report
from services.training.queries.scope import check_scope, check_units
from services.training.rules.csr_access import READERS, REPORT_READERS
from services.training.use_cases.issue_csr_report import issue_csr_report
from shared import places
from shared.identity import EVERYWHERE
from shared.kernel import Forbidden, Invalid, clock
from shared.web import Call, Download, Output, Query, Resource, fields

resource = Resource("csr_reports", prefix="/csr-report", description="The annual report of the programme.")
_SHORTEST = 16
"""As many digits of the hash as stand at the foot of each page."""


class ReportQuery(Query):
    """`as_of`: the day up to which it tells, today where none is named; `unit`: one place of the caller's territory."""

    as_of = fields.Day()
    unit = fields.String(maximum=6, pattern=places.UNIT)
    language = fields.Code(["es", "en"])


class DocumentQuery(ReportQuery):
    format = fields.Code(list(MEDIA_TYPES), load_default="pdf")


class ReportOut(Output):
    """Null is a count that is withheld. `workshops`: those of the year, with the persons who came; `smes` and
    `persons` count each once, in however many workshops; `diplomas` of them that are in force, by kind.
    """

    units = fields.List(fields.String())
    place = fields.String()
    as_of = fields.Day()
    year = fields.Integer()
    number = fields.String()
    threshold = fields.Integer()
    workshops = fields.Anything()
    smes = fields.Integer(allow_none=True)
    persons = fields.Integer(allow_none=True)
    by_sex = fields.Anything()
    by_sector = fields.Anything()
    gender_workshops = fields.Integer()
    diplomas = fields.Anything()
    materials = fields.List(fields.String())
    dialogues = fields.Anything()
    planned = fields.Anything()
    agreements = fields.Anything()
    partner_kinds = fields.Anything()
    annex_activities = fields.Anything()
    annex_partners = fields.Anything()


@resource.get(query=ReportQuery, returns=ReportOut, allow=REPORT_READERS)
def show(call: Call) -> dict[str, Any]:
    """What the annual report says of the caller's territory, or of one place in it."""
    return _report(call)


@resource.get("/document", query=DocumentQuery, download=True, allow=REPORT_READERS)
def document(call: Call) -> Download:
    """The report as PDF/UA-1 with a QR to the page that verifies it, or as a workbook with the same numbers; the same
    facts make the same bytes.
    """
    context: Composition = call.context
    form, language = call.query["format"], _language(call)
    speak = context.words(language)
    printed = PrintedCsrReport(_report(call), speak, language)
    content = printed.written(form, context.public_url)
    with context.database.transaction() as session:
        issue_csr_report(session, printed.hash, printed.report)
    return Download(content, f"{speak('csr_report.file')}-{printed.report['number']}.{form}", MEDIA_TYPES[form])


def csr_paper(call: Call, code: str) -> dict[str, Any] | None:
    """The annual report whose content has this hash, or begins with these digits of it."""
    wanted = select(IssuedCsrReport).where(IssuedCsrReport.hash.startswith(code, autoescape=True)).limit(1)
    issued = call.session.scalar(wanted) if len(code) >= _SHORTEST else None
    if issued is None:
        return None
    context: Composition = call.context
    speak = context.words(call.language)
    return {
        "kind": "csr_report",
        "title": f"{speak('csr_report.title', year=issued.as_of.year)} ({speak('csr_report.as_of', day=issued.as_of)})",
        "number": f"RSE-{issued.as_of:%Y%m%d}-{issued.unit.replace(', ', '-')}",
        "issued_on": issued.issued_on,
        "issuer": "Red CSEM",
    }


def _report(call: Call) -> dict[str, Any]:
    as_of: date = call.query.get("as_of") or clock.today()
    if as_of > clock.today():
        raise Invalid("csr_report.day_to_come", pointer="/as_of", today=clock.today())
    return csr_report(call.session, _units(call), _seen(call, as_of), _language(call))


def _units(call: Call) -> Sequence[str]:
    """The place that is asked for, or all of the caller's territory."""
    unit = call.query.get("unit")
    if unit is None:
        mine = call.caller.scope.units
        if not mine:
            raise Forbidden("permission.outside_scope", unit="-")
        return places.units_at(places.COUNTRY) if EVERYWHERE in mine else sorted(mine)
    check_units([unit], pointer="/unit")
    check_scope(call.caller, [unit])
    return [unit]


def _seen(call: Call, as_of: date) -> date:
    """Who sees no counts but those of reports gets them of whole months and her whole territory: two reports from one
    day to the next, or of a place and what it lies in, would tell of one person.
    """
    if call.caller.has(*READERS, "service"):
        return as_of
    if "unit" in call.query:
        raise Forbidden("csr_report.whole_territory")
    if "as_of" not in call.query:
        return as_of.replace(day=1) - timedelta(days=1)
    if (as_of + timedelta(days=1)).day != 1:
        raise Invalid("csr_report.month_ends_only", pointer="/as_of")
    return as_of


def _language(call: Call) -> str:
    language: str = call.query.get("language", call.language)
    return language
