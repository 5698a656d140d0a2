"""The donor report, and whether a printed one is ours."""

from typing import Any

from services.training.api.schemas import READERS, UNIT
from services.training.composition import Composition
from services.training.documents.donor_report import MEDIA_TYPES
from services.training.queries.donor_report import DIMENSIONS, donor_verification
from services.training.use_cases.print_donor_report import printed_report, speaker, told_report
from shared.web import Call, Download, Output, Query, Resource, fields

_ALLOWED = READERS - {"service"}
resource = Resource("donor_reports", prefix="/donor-report", description="Who was trained, and what was gained.")


class DonorReportQuery(Query):
    """`as_of`: the end of a month, the last whole one where none is named; `unit`: one place of her territory."""

    as_of = fields.Day()
    unit = fields.String(maximum=6, pattern=UNIT)
    language = fields.Code(["es", "en"])


class DonorPaperQuery(DonorReportQuery):
    format = fields.Code(list(MEDIA_TYPES), load_default="pdf")


class DonorLineOut(Output):
    """Null is withheld; `gain` in percentage points is also null where nobody was tested twice. Hours are those of all
    of them together.
    """

    code = fields.String()
    label = fields.String()
    women = fields.Integer(allow_none=True)
    completed = fields.Integer(allow_none=True)
    sessions = fields.Integer(allow_none=True)
    hours = fields.Number(minimum=0, maximum=1e9, allow_none=True)
    gain = fields.Number(minimum=-100, maximum=100, allow_none=True)


class DonorTableOut(Output):
    """`adds_up`: whether its lines make the total; a woman speaks more than one language."""

    name = fields.Code(DIMENSIONS)
    label = fields.String()
    adds_up = fields.Boolean()
    rows = fields.List(fields.Nested(DonorLineOut))


class DonorReportOut(Output):
    """`complete` is false while the registry does not tell ages, peoples and what else it alone knows."""

    as_of = fields.Day()
    units = fields.List(fields.String())
    place = fields.String()
    number = fields.String()
    complete = fields.Boolean()
    total = fields.Nested(DonorLineOut)
    tables = fields.List(fields.Nested(DonorTableOut))


@resource.get(query=DonorReportQuery, returns=DonorReportOut, allow=_ALLOWED)
def show(call: Call) -> dict[str, Any]:
    """Who was trained in the caller's territory until the end of a month; counts under five are withheld."""
    return _report(call)


@resource.get("/document", query=DonorPaperQuery, download=True, allow=_ALLOWED)
def document(call: Call) -> Download:
    """The same as PDF/UA-1 with a QR to the page that verifies it, as a workbook or as CSV; refused while the registry
    does not answer, as half a report is none.
    """
    form = call.query["format"]
    content, name = printed_report(call.context, _report(call), form, _language(call))
    return Download(content, name, MEDIA_TYPES[form])


def donor_paper(call: Call, code: str) -> dict[str, Any] | None:
    """The report whose content has this hash, or begins with these digits of it."""
    found = donor_verification(call.session, code)
    if found is None:
        return None
    context: Composition = call.context
    speak = speaker(context, call.language)
    return {
        "kind": "donor_report",
        "title": f"{speak('donor_report.title')} ({speak('donor_report.as_of', day=found.as_of)})",
        "number": f"DON-{found.as_of:%Y%m%d}-{found.unit.replace(', ', '-')}",
        "issued_on": found.issued_on,
        "issuer": "Red CSEM",
    }


def _report(call: Call) -> dict[str, Any]:
    asked = {name: call.query.get(name) for name in ("unit", "as_of")}
    return told_report(call.session, call.caller, call.context, language=_language(call), **asked)


def _language(call: Call) -> str:
    found: str = call.query.get("language") or call.language
    return found
