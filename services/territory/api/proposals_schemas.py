"""What is told and asked of proposals."""

from services.territory.api.lists import FORMATS
from services.territory.models.proposals import FINANCIERS
from services.territory.rules.proposals import STATES, STEPS
from shared import places
from shared.events.vocabulary import CHAINS
from shared.kernel import CURRENCIES
from shared.web import Input, Output, Query, fields

YEARS = {"minimum": 2000, "maximum": 2100}
MOST_WOMEN = 10_000_000


class ProposalsQuery(Query):
    """`unit`: that place and what lies in it; `organization`: a part of its name."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    state = fields.Code(STATES)
    year = fields.Integer(**YEARS)
    organization = fields.String(maximum=200)
    plan_id = fields.Id()
    line_id = fields.Id()
    chain = fields.Code(CHAINS)


class ProposalsTableQuery(ProposalsQuery):
    format = fields.Code(FORMATS, load_default="csv")


class CostIn(Input):
    year = fields.Integer(**YEARS, required=True)
    item = fields.String(maximum=200, required=True)
    measure = fields.String(maximum=40, required=True)
    quantity = fields.Integer(minimum=1, maximum=1_000_000, required=True)
    unit_cost = fields.MoneyField(minimum=1, required=True)


class FinancingIn(Input):
    source = fields.Code(FINANCIERS, required=True)
    institution = fields.String(minimum=0, maximum=200, load_default="")
    amount = fields.MoneyField(minimum=1, required=True)


class ProposalIn(Input):
    """What the financing adds up to is what the costs add up to, in the currency of the country."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    title = fields.String(maximum=200, required=True)
    text = fields.String(maximum=10_000, required=True)
    organization = fields.String(maximum=200, required=True)
    plan_id = fields.Id(load_default=None, allow_none=True)
    line_id = fields.Id(load_default=None, allow_none=True)
    chain = fields.Code(CHAINS, load_default=None, allow_none=True)
    costs = fields.List(fields.Nested(CostIn), minimum=1, maximum=60, required=True)
    financing = fields.List(fields.Nested(FinancingIn), minimum=1, maximum=20, required=True)
    women_total = fields.Integer(maximum=MOST_WOMEN, required=True)
    women_direct = fields.Integer(maximum=MOST_WOMEN, required=True)


class StepIn(Input):
    """`act` is wanted from the debate on, `amount` for what was budgeted or executed, `reason` for a rejection."""

    state = fields.Code(STEPS, required=True)
    day = fields.Day(required=True)
    act = fields.String(maximum=200, load_default=None, allow_none=True)
    council_id = fields.Id(load_default=None, allow_none=True)
    amount = fields.MoneyField(load_default=None, allow_none=True)
    reason = fields.String(maximum=1000, load_default=None, allow_none=True)


class CorrectionIn(StepIn):
    """Where the proposal really stands, a state it has been at, with its day, act and amount as they should be."""

    state = fields.Code(STATES, required=True)
    reason = fields.String(maximum=1000, required=True)


class ProposalOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    year = fields.Integer()
    title = fields.String()
    organization = fields.String()
    plan_id = fields.Id(allow_none=True)
    line_id = fields.Id(allow_none=True)
    chain = fields.Code(CHAINS, allow_none=True)
    currency = fields.Code(CURRENCIES)
    asked = fields.MoneyField()
    approved = fields.MoneyField(allow_none=True)
    executed = fields.MoneyField(allow_none=True)
    women_total = fields.Integer()
    women_direct = fields.Integer()
    state = fields.Code(STATES)
    since = fields.Day()
    days_at_state = fields.Integer()
    proposed_by_name = fields.String()
    proposed_at = fields.Moment()


class CostOut(Output):
    year = fields.Integer()
    item = fields.String()
    measure = fields.String()
    quantity = fields.Integer()
    unit_cost = fields.MoneyField()
    cost = fields.MoneyField()


class YearOut(Output):
    year = fields.Integer()
    amount = fields.MoneyField()


class FinancingOut(Output):
    source = fields.Code(FINANCIERS)
    institution = fields.String()
    amount = fields.MoneyField()


class StepOut(Output):
    """`days` since the step before it that counts; one that `corrects` stands in place of what was recorded before."""

    id = fields.Id()
    number = fields.Integer()
    state = fields.Code(STATES)
    day = fields.Day()
    days = fields.Integer()
    act = fields.String(allow_none=True)
    council_id = fields.Id(allow_none=True)
    council_name = fields.String(allow_none=True)
    amount = fields.MoneyField(allow_none=True)
    reason = fields.String(allow_none=True)
    corrects = fields.Boolean()
    has_paper = fields.Boolean()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class EvidenceOut(Output):
    """A frozen analysis: `hash` is the SHA-256 of its content as JSON with sorted keys."""

    id = fields.Id()
    kind = fields.String()
    unit = fields.String()
    published = fields.String()
    as_of = fields.Moment(allow_none=True)
    hash = fields.String()
    frozen_by_name = fields.String()
    frozen_at = fields.Moment()


class WholeEvidenceOut(EvidenceOut):
    content = fields.Anything()
    intact = fields.Boolean()


class WholeProposalOut(ProposalOut):
    """`may_write`, `may_record`: whether the caller may change its text, and which steps are hers to record."""

    text = fields.String()
    plan_title = fields.String(allow_none=True)
    line_title = fields.String(allow_none=True)
    costs = fields.List(fields.Nested(CostOut))
    years = fields.List(fields.Nested(YearOut))
    financing = fields.List(fields.Nested(FinancingOut))
    steps = fields.List(fields.Nested(StepOut))
    evidence = fields.List(fields.Nested(EvidenceOut))
    next_states = fields.List(fields.Code(STATES))
    been_at = fields.List(fields.Code(STATES))
    may_write = fields.Boolean()
    may_record = fields.List(fields.Code(STATES))


class BoardOut(Output):
    """The proposals at one state, in one currency; `oldest_days` is how long the oldest has stood there."""

    state = fields.Code(STATES)
    proposals = fields.Integer()
    asked = fields.MoneyField()
    approved = fields.MoneyField()
    executed = fields.MoneyField()
    oldest_days = fields.Integer()
