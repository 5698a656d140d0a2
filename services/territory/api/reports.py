"""Municipal reports, and the publication of figures."""

from typing import Any

from services.territory.api.seeing import published_view
from services.territory.composition import Composition
from services.territory.documents.report_files import MEDIA_TYPES
from services.territory.queries import views
from services.territory.queries.reports import municipal_report, shapes_of
from services.territory.queries.views import Selection
from services.territory.rules.access import PUBLISHERS, READERS
from services.territory.use_cases.print_report import FORMATS, PrintedReport, issue_report
from services.territory.use_cases.publish_figures import publish_figures
from shared import places
from shared.kernel import NotFound
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("reports", prefix="/reports", description="What municipalities are told: never a small count.")
publications = Resource("publications", prefix="/publications", description="Figures published for planners.")
CODE = "<string(length=6):municipality>"


class ReportQuery(Query):
    language = fields.Code(["es", "en"])


class DocumentQuery(ReportQuery):
    format = fields.Code(FORMATS, load_default="pdf")


class ReportOut(Output):
    """The numbers of the PDF; null where a figure is withheld. Enterprises whose owners did not agree to appear in
    public are not counted. `figures`: how many of the municipality are not zero; of these `withheld_figures` are null.
    `previous`: the earlier month, YYYY-MM, that changes are told against, null where none was published. `tracker`:
    proposals that were submitted, as they stand today; everything else is of the month's publication.
    """

    number = fields.String()
    municipality = fields.String()
    name = fields.String()
    department = fields.String()
    around = fields.String(allow_none=True)
    country = fields.String()
    area_km2 = fields.Number(minimum=0, maximum=1e6)
    as_of = fields.Moment(allow_none=True)
    published = fields.String()
    threshold = fields.Integer()
    boundaries = fields.String()
    figures = fields.Integer()
    withheld_figures = fields.Integer()
    inventory = fields.Anything()
    department_inventory = fields.Anything()
    chains = fields.Anything()
    department_chains = fields.Anything()
    links = fields.Anything()
    credit = fields.Anything()
    department_credit = fields.Anything()
    training = fields.Anything()
    department_training = fields.Anything()
    map = fields.Anything()
    previous = fields.String(allow_none=True)
    summary = fields.Anything()
    links_drawing = fields.Anything(allow_none=True)
    tracker = fields.Anything()
    method = fields.List(fields.String())
    glossary = fields.Anything()


@resource.get(f"/municipal/{CODE}", query=ReportQuery, returns=ReportOut, allow=READERS)
def show(call: Call, municipality: str) -> dict[str, Any]:
    """The figures of a municipal report: inventory, chains, map, aggregated credit and training, compared with the
    department.
    """
    return _report(call, municipality)


@resource.get(f"/municipal/{CODE}/document", query=DocumentQuery, download=True, allow=READERS)
def document(call: Call, municipality: str) -> Download:
    """The report as PDF/UA-1 with a QR to the page that verifies it, as workbook, as one HTML file, or its map as
    GeoPackage: the same numbers, and for the same figures the same bytes.
    """
    context: Composition = call.context
    printed = PrintedReport(_report(call, municipality), _language(call))
    form, speak = call.query["format"], context.words(printed.language)
    content = printed.written(form, speak, shapes_of(call.session, printed.report), context.public_url)
    with context.database.transaction() as session:
        issue_report(session, printed)
    return Download(content, f"{speak('report.file')}-{municipality}.{form}", MEDIA_TYPES[form])


def _report(call: Call, municipality: str) -> dict[str, Any]:
    """What is published of the municipality this month, the same for everybody: a report is made to be passed on."""
    context: Composition = call.context
    code = views.municipality_of(call.caller, municipality)
    language = _language(call)
    department = Selection((code[:4],), views.municipalities_under(code[:4]))
    view = published_view(call, department)
    return municipal_report(call.session, view, code, context.words(language), language=language)


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
