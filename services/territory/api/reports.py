"""Municipal reports, and the publication of figures."""

from typing import Any

from services.territory.api.seeing import published_view
from services.territory.composition import Composition
from services.territory.documents.report_files import MEDIA_TYPES
from services.territory.queries import views
from services.territory.queries.report_subjects import (
    KINDS,
    MOST_UNITS,
    Subject,
    department_of,
    departmental,
    municipal,
    of_chain,
    territory_of,
)
from services.territory.queries.reports import report_of, shapes_of
from services.territory.rules.access import PUBLISHERS, READERS
from services.territory.use_cases.print_report import FORMATS, PrintedReport, issue_report
from services.territory.use_cases.publish_figures import publish_figures
from shared import places
from shared.kernel import NotFound
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("reports", prefix="/reports", description="What municipalities are told: never a small count.")
publications = Resource("publications", prefix="/publications", description="Figures published for planners.")
CODE = "<string(length=6):municipality>"
DEPARTMENT = "<string(length=4):department>"
CHAIN = "<string(maxlength=40):chain>"


class ReportQuery(Query):
    language = fields.Code(["es", "en"])


class DocumentQuery(ReportQuery):
    format = fields.Code(FORMATS, load_default="pdf")


class TerritoryQuery(ReportQuery):
    """`unit`: the places, with a comma between them."""

    unit = fields.List(fields.String(pattern=places.UNIT, maximum=6), maximum=MOST_UNITS)


class TerritoryDocumentQuery(TerritoryQuery):
    format = fields.Code(FORMATS, load_default="pdf")


class SubjectOut(Output):
    """What a report is of. Null is a withheld figure. Enterprises whose owners did not agree to appear in
    public are not counted. `figures`: how many are not zero; of these `withheld_figures` are null.
    `previous`: the earlier month, YYYY-MM, that changes are told against, null where none was published. `tracker`:
    proposals that were submitted, as they stand today; everything else is of the month's publication.
    """

    kind = fields.Code(KINDS)
    number = fields.String()
    units = fields.List(fields.String())
    municipality = fields.String(allow_none=True)
    name = fields.String()
    department = fields.String()
    around = fields.String(allow_none=True)
    country = fields.String()
    area_km2 = fields.Number(minimum=0, maximum=1e7)
    as_of = fields.Moment(allow_none=True)
    published = fields.String()
    threshold = fields.Integer()
    boundaries = fields.String()
    figures = fields.Integer()
    withheld_figures = fields.Integer()
    previous = fields.String(allow_none=True)
    national = fields.String(allow_none=True)
    summary = fields.Anything()
    levels = fields.Anything()
    map = fields.Anything()
    links_drawing = fields.Anything(allow_none=True)
    tracker = fields.Anything()
    method = fields.List(fields.String())
    glossary = fields.Anything()


class ReportOut(SubjectOut):
    """The numbers of the PDF; `around` and `department_…` are null where there is no larger place to compare with,
    `national` where the country may not be told.
    """

    inventory = fields.Anything()
    department_inventory = fields.Anything(allow_none=True)
    chains = fields.Anything()
    department_chains = fields.Anything(allow_none=True)
    links = fields.Anything()
    credit = fields.Anything()
    department_credit = fields.Anything(allow_none=True)
    training = fields.Anything()
    department_training = fields.Anything(allow_none=True)


class ChainReportOut(SubjectOut):
    """The same of one chain. `detailed`: levels, sales, needs, purchases and introductions are published of whole
    departments; they are null where a part of one is asked for. `places`: each with its location quotient, null where a
    count is withheld; `held_back`: the link that holds the chain back against the country.
    """

    chain = fields.String()
    chain_name = fields.String()
    place = fields.String()
    detailed = fields.Boolean()
    women_share = fields.Integer(allow_none=True)
    placed = fields.Integer(allow_none=True)
    chain_row = fields.Anything(allow_none=True)
    held_back = fields.Anything(allow_none=True)
    sales = fields.Anything()
    gaps = fields.Anything()
    leakage = fields.Anything(allow_none=True)
    introductions = fields.Anything()
    places = fields.Anything()
    plans = fields.Anything()


@resource.get(f"/municipal/{CODE}", query=ReportQuery, returns=ReportOut, allow=READERS)
def show(call: Call, municipality: str) -> dict[str, Any]:
    """The figures of a municipal report: inventory, chains, map, aggregated credit and training, compared with the
    department.
    """
    return _report(call, _municipal(call, municipality))


@resource.get(f"/municipal/{CODE}/document", query=DocumentQuery, download=True, allow=READERS)
def document(call: Call, municipality: str) -> Download:
    """The report as PDF/UA-1 with a QR to the page that verifies it, as workbook, as one HTML file, or its map as
    GeoPackage: the same numbers, and for the same figures the same bytes.
    """
    return _document(call, _municipal(call, municipality))


@resource.get(f"/departmental/{DEPARTMENT}", query=ReportQuery, returns=ReportOut, allow=READERS)
def show_department(call: Call, department: str) -> dict[str, Any]:
    """The same of a department, by its municipalities."""
    return _report(call, departmental(department_of(call.caller, department)))


@resource.get(f"/departmental/{DEPARTMENT}/document", query=DocumentQuery, download=True, allow=READERS)
def department_document(call: Call, department: str) -> Download:
    """The report of a department as a file."""
    return _document(call, departmental(department_of(call.caller, department)))


@resource.get("/territorial", query=TerritoryQuery, returns=ReportOut, allow=READERS)
def show_territory(call: Call) -> dict[str, Any]:
    """The same of several places together, of the caller's whole territory where none is named: a LEDA's, a centre's.
    A figure is withheld wherever one of its parts is.
    """
    return _report(call, territory_of(call.caller, call.query.get("unit")))


@resource.get("/territorial/document", query=TerritoryDocumentQuery, download=True, allow=READERS)
def territory_document(call: Call) -> Download:
    """The report of several places together as a file."""
    return _document(call, territory_of(call.caller, call.query.get("unit")))


@resource.get(f"/chain/{CHAIN}", query=TerritoryQuery, returns=ChainReportOut, allow=READERS)
def show_chain(call: Call, chain: str) -> dict[str, Any]:
    """One value chain in a department, in several places together (a LEDA's), in a country; in the caller's whole
    territory where none is named: its figures, its links and what it lacks, levels, sales, what is bought outside,
    where it lies, what is asked for, the plans and proposals that name it.
    """
    return _report(call, _chain(call, chain))


@resource.get(f"/chain/{CHAIN}/document", query=TerritoryDocumentQuery, download=True, allow=READERS)
def chain_document(call: Call, chain: str) -> Download:
    """The report of a value chain as a file."""
    return _document(call, _chain(call, chain))


def _chain(call: Call, chain: str) -> Subject:
    return of_chain(chain, views.units_asked(call.caller, call.query.get("unit")))


def _municipal(call: Call, municipality: str) -> Subject:
    return municipal(views.municipality_of(call.caller, municipality))


def _document(call: Call, subject: Subject) -> Download:
    context: Composition = call.context
    printed = PrintedReport(_report(call, subject), _language(call))
    form, speak = call.query["format"], context.words(printed.language)
    content = printed.written(form, speak, shapes_of(call.session, printed.report), context.public_url)
    with context.database.transaction() as session:
        issue_report(session, printed.issue)
    return Download(content, f"{speak('report.file')}-{subject.code}.{form}", MEDIA_TYPES[form])


def _report(call: Call, subject: Subject) -> dict[str, Any]:
    """What is published of it this month, the same for everybody: a report is made to be passed on."""
    context: Composition = call.context
    language = _language(call)
    view = published_view(call, subject.selection)
    return report_of(call.session, view, subject, context.words(language), language=language)


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
