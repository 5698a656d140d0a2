"""Municipal reports, and the publication of figures."""

from typing import Any

from services.territory.api.seeing import ensure_published
from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.reports import municipal_report, protected_view
from services.territory.queries.views import Selection, View
from services.territory.rules.access import PUBLISHERS, READERS
from services.territory.use_cases.print_report import print_report
from services.territory.use_cases.publish_figures import publish_figures
from shared import places
from shared.kernel import NotFound
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("reports", prefix="/reports", description="What municipalities are told: never a small count.")
publications = Resource("publications", prefix="/publications", description="Figures published for planners.")
CODE = "<string(length=6):municipality>"


class ReportQuery(Query):
    language = fields.Code(["es", "en"])


class ReportOut(Output):
    """The numbers of the PDF; null where a figure is withheld."""

    municipality = fields.String()
    name = fields.String()
    department = fields.String()
    country = fields.String()
    area_km2 = fields.Number(minimum=0, maximum=1e6)
    as_of = fields.Moment(allow_none=True)
    published = fields.String(allow_none=True)
    threshold = fields.Integer()
    boundaries = fields.String()
    withheld = fields.Boolean()
    inventory = fields.Anything()
    department_inventory = fields.Anything()
    chains = fields.Anything()
    links = fields.Anything()
    credit = fields.Anything()
    department_credit = fields.Anything()
    training = fields.Anything()
    department_training = fields.Anything()
    map = fields.Anything()


@resource.get(f"/municipal/{CODE}", query=ReportQuery, returns=ReportOut, allow=READERS)
def show(call: Call, municipality: str) -> dict[str, Any]:
    """The figures of a municipal report: inventory, chains, map, aggregated credit and training, compared with the
    department.
    """
    return _report(call, municipality)


@resource.get(f"/municipal/{CODE}/document", query=ReportQuery, download=True, allow=READERS)
def document(call: Call, municipality: str) -> Download:
    """The report as PDF/UA-1. The same figures give the same bytes."""
    language = _language(call)
    pdf = print_report(_report(call, municipality), language=language)
    context: Composition = call.context
    name = context.words(language)("report.file")
    return Download(pdf, f"{name}-{municipality}.pdf", "application/pdf")


def _report(call: Call, municipality: str) -> dict[str, Any]:
    context: Composition = call.context
    code = views.municipality_of(call.caller, municipality)
    language = _language(call)
    return municipal_report(call.session, _view(call, code[:4]), code, context.words(language), language=language)


def _view(call: Call, department: str) -> View:
    """The protected figures of the whole department: live for the centre, published for all others."""
    if views.may_see_live(call.caller):
        return protected_view(call.session, department)
    ensure_published(call, (department,))
    return views.published(call.session, Selection((department,), views.municipalities_under(department)))


def _language(call: Call) -> str:
    language: str = call.query.get("language", call.language)
    return language


class PublicationIn(Input):
    department = fields.String(pattern=r"[A-Z]{2}[0-9]{2}", maximum=4, required=True)


class PublicationOut(Output):
    id = fields.Id()
    department = fields.String()
    month = fields.String()
    made_at = fields.Moment()
    as_of = fields.Moment(allow_none=True)


@publications.post(body=PublicationIn, returns=PublicationOut, allow=PUBLISHERS)
def publish(call: Call, body: dict[str, Any]) -> Any:
    """Publish a department's figures of today in place of this month's."""
    if body["department"] not in places.names():
        raise NotFound("unit.unknown", unit=body["department"])
    return publish_figures(call.session, call.caller, body["department"])
