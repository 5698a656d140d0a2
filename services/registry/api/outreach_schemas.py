"""What goes in and out of the API about campaigns and fairs."""

from services.registry.rules import outreach
from shared.kernel import CURRENCIES
from shared.web import Input, Output, Query, fields

_MUNICIPALITY = r"[A-Z]{2}[0-9]{4}"
_PEOPLE = 10_000_000


class ReachIn(Input):
    """Persons; what is left out is not known. The young women are among the women."""

    women = fields.Integer(maximum=_PEOPLE, allow_none=True, load_default=None)
    men = fields.Integer(maximum=_PEOPLE, allow_none=True, load_default=None)
    young_women = fields.Integer(maximum=_PEOPLE, allow_none=True, load_default=None)


class CampaignCostIn(Input):
    what = fields.String(required=True)
    amount = fields.MoneyField(required=True)
    source = fields.String(required=True)


def _nobody() -> dict[str, None]:
    return {"women": None, "men": None, "young_women": None}


class CampaignIn(Input):
    """Without `centre_id` it is of the whole network; `reached_how` says how the reached were estimated."""

    title = fields.String(required=True)
    channel = fields.Code(outreach.CHANNELS, required=True)
    centre_id = fields.Id(allow_none=True, load_default=None)
    begins_on = fields.Day(required=True)
    ends_on = fields.Day(allow_none=True, load_default=None)
    currency = fields.Code(CURRENCIES, required=True)
    municipalities = fields.List(fields.String(maximum=6, pattern=_MUNICIPALITY), minimum=1, maximum=340, required=True)
    partners = fields.List(fields.Id(), maximum=30, load_default=list)
    planned = fields.Nested(ReachIn, load_default=_nobody)
    reached = fields.Nested(ReachIn, load_default=_nobody)
    reached_how = fields.String(maximum=300, allow_none=True, load_default=None)
    costs = fields.List(fields.Nested(CampaignCostIn), maximum=60, load_default=list)


class CampaignQuery(Query):
    channel = fields.Code(outreach.CHANNELS)
    standing = fields.Code(("future", "running", "over"))
    centre_id = fields.Id()
    enterprise_id = fields.Id()
    q = fields.String(maximum=100)


class CampaignActivityIn(Input):
    held_on = fields.Day(required=True)
    municipality = fields.String(maximum=6, pattern=_MUNICIPALITY, required=True)
    what = fields.String(maximum=300, required=True)
    reach = fields.Nested(ReachIn, load_default=_nobody)
    how = fields.String(maximum=300, allow_none=True, load_default=None)


class CampaignRecordIn(Input):
    """`brought_in`: the campaign brought her to the inventory; `validated`: her record was validated by it."""

    enterprise_id = fields.Id(required=True)
    kind = fields.Code(outreach.RECORD_KINDS, required=True)


class CampaignRecordQuery(Query):
    kind = fields.Code(outreach.RECORD_KINDS)


class ReachOut(Output):
    women = fields.Integer(allow_none=True)
    men = fields.Integer(allow_none=True)
    young_women = fields.Integer(allow_none=True)


class CampaignCostOut(Output):
    what = fields.String()
    amount = fields.MoneyField()
    source = fields.String()


class KeptFileOut(Output):
    id = fields.Id()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    created_at = fields.Moment()


class CampaignRow(Output):
    """`cost` is None where no cost is written down, the cost of each record where there is none to divide it by."""

    id = fields.Id()
    version = fields.Integer()
    title = fields.String()
    channel = fields.String()
    centre_id = fields.Id(allow_none=True)
    centre_name = fields.String(allow_none=True)
    begins_on = fields.Day()
    ends_on = fields.Day(allow_none=True)
    standing = fields.String()
    currency = fields.String()
    municipality_names = fields.List(fields.String())
    reached_women = fields.Integer(allow_none=True)
    reached_men = fields.Integer(allow_none=True)
    reached_young_women = fields.Integer(allow_none=True)
    cost = fields.MoneyField(allow_none=True)
    brought_in = fields.Integer()
    validated = fields.Integer()
    cost_per_brought_in = fields.MoneyField(allow_none=True)
    cost_per_validated = fields.MoneyField(allow_none=True)


class CampaignPartnerOut(Output):
    id = fields.Id()
    name = fields.String()


class CampaignActivityOut(Output):
    id = fields.Id()
    held_on = fields.Day()
    municipality = fields.String()
    municipality_name = fields.String()
    what = fields.String()
    reach = fields.Nested(ReachOut)
    how = fields.String(allow_none=True)


class CampaignOut(CampaignRow):
    """`reached_in_activities` adds up the activities: who came to two of them is counted twice."""

    municipalities = fields.List(fields.String())
    partners = fields.List(fields.Nested(CampaignPartnerOut))
    planned = fields.Nested(ReachOut)
    reached = fields.Nested(ReachOut)
    reached_how = fields.String(allow_none=True)
    reached_in_activities = fields.Nested(ReachOut)
    costs = fields.List(fields.Nested(CampaignCostOut))
    activities = fields.List(fields.Nested(CampaignActivityOut))
    materials = fields.List(fields.Nested(KeptFileOut))


class CampaignRecordOut(Output):
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    active = fields.Boolean()
    kind = fields.String()
    linked_by_name = fields.String()
    linked_at = fields.Moment()


class FairIn(Input):
    name = fields.String(required=True)
    municipality = fields.String(maximum=6, pattern=_MUNICIPALITY, required=True)
    venue = fields.String(allow_none=True, load_default=None)
    begins_on = fields.Day(required=True)
    ends_on = fields.Day(required=True)
    centre_id = fields.Id(allow_none=True, load_default=None)
    organizer_id = fields.Id(allow_none=True, load_default=None)
    visitors = fields.Integer(maximum=_PEOPLE, allow_none=True, load_default=None)
    visitors_how = fields.String(maximum=300, allow_none=True, load_default=None)


class FairQuery(Query):
    state = fields.Code(("ahead", "open", "to_close", "closed"))
    enterprise_id = fields.Id()
    q = fields.String(maximum=100)


class StandIn(Input):
    enterprise_id = fields.Id(required=True)
    place = fields.String(maximum=40, allow_none=True, load_default=None)
    products = fields.String(maximum=500, allow_none=True, load_default=None)


class StandResultIn(Input):
    """Sales are an amount, or unknown (`sales_unknown`), or not told yet: never zero for what nobody knows."""

    women = fields.Integer(maximum=1_000, allow_none=True, load_default=None)
    sales = fields.MoneyField(allow_none=True, load_default=None)
    sales_unknown = fields.Boolean(load_default=False)
    orders = fields.Integer(maximum=100_000, allow_none=True, load_default=None)
    orders_amount = fields.MoneyField(allow_none=True, load_default=None)
    contacts = fields.Integer(maximum=100_000, allow_none=True, load_default=None)
    costs = fields.MoneyField(allow_none=True, load_default=None)
    notes = fields.String(maximum=1_000, allow_none=True, load_default=None)


class StandChange(Input):
    """What is left out stays; a `result` replaces the one before it."""

    state = fields.Code(outreach.STATES)
    place = fields.String(maximum=40, allow_none=True)
    products = fields.String(maximum=500, allow_none=True)
    result = fields.Nested(StandResultIn)


class FairOut(Output):
    """`sold` is how many stands sold something, `women_sold` how many women stood at them, as far as told."""

    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    municipality = fields.String()
    municipality_name = fields.String()
    venue = fields.String(allow_none=True)
    begins_on = fields.Day()
    ends_on = fields.Day()
    centre_id = fields.Id(allow_none=True)
    organizer_id = fields.Id(allow_none=True)
    organizer_name = fields.String(allow_none=True)
    visitors = fields.Integer(allow_none=True)
    visitors_how = fields.String(allow_none=True)
    closed_at = fields.Moment(allow_none=True)
    closed_by_name = fields.String(allow_none=True)
    state = fields.String()
    currency = fields.String()
    invited = fields.Integer()
    confirmed = fields.Integer()
    took_part = fields.Integer()
    absent = fields.Integer()
    sales_told = fields.Integer()
    sales_unknown = fields.Integer()
    sales_untold = fields.Integer()
    sold = fields.Integer()
    women = fields.Integer(allow_none=True)
    women_sold = fields.Integer(allow_none=True)
    orders = fields.Integer(allow_none=True)
    contacts = fields.Integer(allow_none=True)
    sales = fields.MoneyField(allow_none=True)
    sales_per_participant = fields.MoneyField(allow_none=True)
    orders_amount = fields.MoneyField(allow_none=True)
    costs = fields.MoneyField(allow_none=True)


class StandOut(Output):
    id = fields.Id()
    version = fields.Integer()
    fair_id = fields.Id()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    active = fields.Boolean()
    state = fields.String()
    place = fields.String(allow_none=True)
    products = fields.String(allow_none=True)
    women = fields.Integer(allow_none=True)
    sales = fields.MoneyField(allow_none=True)
    sales_unknown = fields.Boolean()
    orders = fields.Integer(allow_none=True)
    orders_amount = fields.MoneyField(allow_none=True)
    contacts = fields.Integer(allow_none=True)
    costs = fields.MoneyField(allow_none=True)
    currency = fields.String()
    notes = fields.String(allow_none=True)


class StandOfOut(StandOut):
    fair_name = fields.String()
    begins_on = fields.Day()
