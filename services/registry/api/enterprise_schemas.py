"""What goes in and out of the API about enterprises and the women they belong to."""

from services.registry.api.lists import BandOut
from services.registry.api.people_schemas import NameOut, OwnerContactOut, OwnerIn, RecordOwnerOut, WarningOut
from services.registry.rules import formalization, inventory
from services.registry.rules.sales import BANDS
from shared.events import vocabulary
from shared.web import Input, Output, fields

_MUNICIPALITY = r"[A-Z]{2}[0-9]{4}"
_ACTIVITY = r"[A-U]|[0-9]{4}"


class PointIn(Input):
    lon = fields.Number(minimum=-180, maximum=180, required=True)
    lat = fields.Number(minimum=-90, maximum=90, required=True)
    accuracy_m = fields.Number(minimum=0, maximum=100_000, allow_none=True, load_default=None)
    source = fields.Code(inventory.POINT_SOURCES, load_default="office")


class ProductIn(Input):
    name = fields.String(required=True)
    unit = fields.String(maximum=80, allow_none=True, load_default=None)
    price = fields.MoneyField(allow_none=True, load_default=None)
    volume = fields.Number(minimum=0, maximum=1e9, allow_none=True, load_default=None)
    period = fields.Code(inventory.PERIODS, allow_none=True, load_default=None)
    months = fields.List(fields.Integer(minimum=1, maximum=12), maximum=12, load_default=list)


class AssetIn(Input):
    kind = fields.Code(inventory.ASSETS, required=True)
    text = fields.String(required=True)


class PartnerIn(Input):
    """A supplier or a buyer: either a registered enterprise or a name; `share` in per cent of all that is bought (or
    sold).
    """

    side = fields.Code(inventory.SIDES, required=True)
    kind = fields.Code(inventory.PARTNERS, required=True)
    enterprise_id = fields.Id(allow_none=True, load_default=None)
    name = fields.String(allow_none=True, load_default=None)
    share = fields.Integer(minimum=1, maximum=100, allow_none=True, load_default=None)
    product = fields.String(allow_none=True, load_default=None)


class JobsIn(Input):
    """Who works in it, she included."""

    women_paid = fields.Integer(maximum=4_999, required=True)
    women_unpaid = fields.Integer(maximum=4_999, required=True)
    men_paid = fields.Integer(maximum=4_999, required=True)
    men_unpaid = fields.Integer(maximum=4_999, required=True)


class StepIn(Input):
    state = fields.Code(formalization.STATES, required=True)
    on = fields.Day(allow_none=True, load_default=None)
    number = fields.String(maximum=40, pattern=r"[0-9A-Za-z .\-/]{1,40}", allow_none=True, load_default=None)


class EnterpriseChange(Input):
    """The fields that a change names; the others stay as they are. `chain` null lets the chain table decide;
    `activity` is a section or a class of CIIU Rev. 4; `jobs` tells women and men, paid and unpaid, whose sums are
    `jobs_women` and `jobs_men`.
    """

    name = fields.String()
    municipality = fields.String(maximum=6, pattern=_MUNICIPALITY)
    point = fields.Nested(PointIn, allow_none=True)
    site = fields.Code(inventory.SITES, allow_none=True)
    activity = fields.String(maximum=4, pattern=_ACTIVITY, allow_none=True)
    chain = fields.Code(vocabulary.CHAINS, allow_none=True)
    links = fields.List(fields.Code(vocabulary.LINKS), maximum=5)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5)
    started_year = fields.Integer(minimum=1900, maximum=2200, allow_none=True)
    jobs_women = fields.Integer(maximum=9_999)
    jobs_men = fields.Integer(maximum=9_999)
    sales = fields.MoneyField(allow_none=True)
    formal = fields.Boolean()
    products = fields.List(fields.Nested(ProductIn), maximum=30)
    ownership = fields.Code(inventory.OWNERSHIPS)
    address = fields.String(maximum=300, allow_none=True)
    jobs = fields.Nested(JobsIn)
    sales_band = fields.Code(BANDS, allow_none=True)
    markets = fields.List(fields.Code(inventory.MARKETS), maximum=5)
    assets = fields.List(fields.Nested(AssetIn), maximum=30)
    partners = fields.List(fields.Nested(PartnerIn), maximum=40)


class EnterpriseIn(EnterpriseChange):
    """An enterprise with either its owner or the id of a woman who is known already."""

    name = fields.String(required=True)
    municipality = fields.String(maximum=6, pattern=_MUNICIPALITY, required=True)
    owner = fields.Nested(OwnerIn)
    owner_id = fields.Id()


class OwnerAdded(Input):
    """One more owner: either a woman who is registered with it, or the id of one known already."""

    owner = fields.Nested(OwnerIn)
    owner_id = fields.Id()


class CountOut(Output):
    all = fields.Integer(allow_none=True)
    missing = fields.Integer(allow_none=True)
    contradicted = fields.Integer(allow_none=True)
    pending = fields.Integer(allow_none=True)
    captured = fields.Integer(allow_none=True)
    taken_back = fields.Integer(allow_none=True)


class DivisionOut(Output):
    """One of El Salvador's 44 municipalities since 2024."""

    code = fields.String()
    name = fields.String()


class EnterpriseRow(Output):
    """A row of the list; what its reader may not see is null or empty."""

    id = fields.Id()
    version = fields.Integer()
    name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    division_2024 = fields.Nested(DivisionOut, allow_none=True)
    derived_municipality = fields.String(allow_none=True)
    place_state = fields.String()
    accuracy_m = fields.Number(minimum=0, maximum=1e6, allow_none=True)
    chain = fields.String()
    activity = fields.String(allow_none=True)
    links = fields.List(fields.String())
    needs = fields.List(fields.String())
    products = fields.List(fields.String())
    validation = fields.String()
    tier = fields.String(allow_none=True)
    jobs_women = fields.Integer()
    jobs_men = fields.Integer()
    formal = fields.Boolean()
    recorded_on = fields.Day()
    changed_at = fields.Moment()
    owners = fields.List(fields.Nested(NameOut))


class EnterpriseContactOut(Output):
    """How to reach those who own an enterprise."""

    id = fields.Id()
    name = fields.String()
    municipality = fields.String()
    owners = fields.List(fields.Nested(OwnerContactOut))


class PointOut(Output):
    lon = fields.Number(minimum=-180, maximum=180)
    lat = fields.Number(minimum=-90, maximum=90)
    accuracy_m = fields.Number(minimum=0, maximum=1e6, allow_none=True)
    source = fields.String(allow_none=True)
    masked = fields.Boolean()


class ProductOut(Output):
    name = fields.String()
    unit = fields.String(allow_none=True)
    price = fields.MoneyField(allow_none=True)
    volume = fields.Number(minimum=0, maximum=1e9, allow_none=True)
    period = fields.String(allow_none=True)
    months = fields.List(fields.Integer())


class AssetOut(Output):
    kind = fields.String()
    text = fields.String()


class PartnerOut(Output):
    """`name` is null where its reader may not know the enterprise."""

    side = fields.String()
    kind = fields.String()
    enterprise_id = fields.Id(allow_none=True)
    name = fields.String(allow_none=True)
    share = fields.Integer(allow_none=True)
    product = fields.String(allow_none=True)


class JobsOut(Output):
    """Null where nobody asked who of them is paid."""

    women_paid = fields.Integer(allow_none=True)
    women_unpaid = fields.Integer(allow_none=True)
    men_paid = fields.Integer(allow_none=True)
    men_unpaid = fields.Integer(allow_none=True)


class StepOut(Output):
    step = fields.String()
    state = fields.String()
    on = fields.Day(allow_none=True)
    number = fields.String(allow_none=True)


class LoanOut(Output):
    loan_id = fields.Id()
    amount = fields.MoneyField(allow_none=True)
    outstanding = fields.MoneyField(allow_none=True)
    disbursed_on = fields.Day(allow_none=True)
    term_months = fields.Integer(allow_none=True)
    settled_on = fields.Day(allow_none=True)


class EnterpriseOut(Output):
    """A record; what its reader may not see is null or empty."""

    id = fields.Id()
    version = fields.Integer()
    name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    division_2024 = fields.Nested(DivisionOut, allow_none=True)
    derived_municipality = fields.String(allow_none=True)
    derived_municipality_name = fields.String(allow_none=True)
    place_state = fields.String()
    place_boundaries = fields.String(allow_none=True)
    snapped_m = fields.Number(minimum=0, maximum=10_000, allow_none=True)
    point = fields.Nested(PointOut, allow_none=True)
    site = fields.String(allow_none=True)
    activity = fields.String(allow_none=True)
    chain = fields.String()
    chain_declared = fields.Boolean()
    links = fields.List(fields.String())
    needs = fields.List(fields.String())
    started_year = fields.Integer(allow_none=True)
    jobs_women = fields.Integer()
    jobs_men = fields.Integer()
    sales = fields.MoneyField(allow_none=True)
    formal = fields.Boolean()
    products = fields.List(fields.Nested(ProductOut))
    activity_title = fields.String(allow_none=True)
    ownership = fields.String()
    address = fields.String(allow_none=True)
    jobs = fields.Nested(JobsOut)
    sales_band = fields.Nested(BandOut, allow_none=True)
    markets = fields.List(fields.String())
    assets = fields.List(fields.Nested(AssetOut))
    partners = fields.List(fields.Nested(PartnerOut))
    formalization = fields.List(fields.Nested(StepOut))
    validation = fields.String()
    checked_on = fields.Day(allow_none=True)
    tier = fields.String(allow_none=True)
    consent_registry = fields.Boolean()
    consent_credit = fields.Boolean()
    consent_map = fields.Boolean()
    recorded_on = fields.Day()
    changed_at = fields.Moment()
    active = fields.Boolean()
    owners = fields.List(fields.Nested(RecordOwnerOut))
    loans = fields.List(fields.Nested(LoanOut))
    warnings = fields.List(fields.Nested(WarningOut))


class HistoryOut(Output):
    number = fields.Integer()
    at = fields.Moment()
    caller = fields.String()
    action = fields.String()
    before = fields.Anything(allow_none=True)
    after = fields.Anything(allow_none=True)
