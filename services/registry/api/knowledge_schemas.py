"""What goes in and out of the API about studies and opportunities."""

from services.registry.api.outreach_schemas import KeptFileOut
from services.registry.rules import opportunities
from shared.events import vocabulary
from shared.web import Input, Output, Query, fields

_UNIT = r"[A-Z]{2}([0-9]{2}([0-9]{2})?)?"
_MUNICIPALITY = r"[A-Z]{2}[0-9]{4}"
_SECTIONS = tuple("ABCDEFGHIJKLMNOPQRSTU")
_YEARS = 200


class ResearcherIn(Input):
    """Somebody of the team of a study, as she signs it."""

    name = fields.String(required=True)
    task = fields.String(allow_none=True, load_default=None)


class StudyIn(Input):
    title = fields.String(required=True)
    subject = fields.String(maximum=1_000, required=True)
    method = fields.String(maximum=2_000, allow_none=True, load_default=None)
    findings = fields.String(maximum=8_000, allow_none=True, load_default=None)
    institution_id = fields.Id(required=True)
    team = fields.List(fields.Nested(ResearcherIn), maximum=40, load_default=list)
    begins_on = fields.Day(required=True)
    ends_on = fields.Day(allow_none=True, load_default=None)
    municipalities = fields.List(fields.String(maximum=6, pattern=_MUNICIPALITY), minimum=1, maximum=340, required=True)


class StudyQuery(Query):
    """`year` is one in which the study went on; `place` a country, department or municipality."""

    q = fields.String(maximum=100)
    place = fields.String(maximum=6, pattern=_UNIT)
    year = fields.Integer(minimum=1900, maximum=2200)
    institution_id = fields.Id()
    enterprise_id = fields.Id()


class CoveredIn(Input):
    enterprise_id = fields.Id(required=True)


class ResearcherOut(Output):
    name = fields.String()
    task = fields.String(allow_none=True)


class StudyRow(Output):
    id = fields.Id()
    version = fields.Integer()
    title = fields.String()
    subject = fields.String()
    institution_id = fields.Id()
    institution_name = fields.String()
    begins_on = fields.Day()
    ends_on = fields.Day(allow_none=True)
    records = fields.Integer()


class StudyOut(StudyRow):
    method = fields.String(allow_none=True)
    findings = fields.String(allow_none=True)
    team = fields.List(fields.Nested(ResearcherOut))
    municipalities = fields.List(fields.String())
    municipality_names = fields.List(fields.String())
    files = fields.List(fields.Nested(KeptFileOut))


class CoveredOut(Output):
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    active = fields.Boolean()


class ConditionsIn(Input):
    """What an opportunity asks for. An empty list and null ask for nothing; at least one place it is for is told."""

    units = fields.List(fields.String(maximum=6, pattern=_UNIT), minimum=1, maximum=340, required=True)
    chains = fields.List(fields.Code(vocabulary.CHAINS), maximum=20, load_default=list)
    links = fields.List(fields.Code(vocabulary.LINKS), maximum=10, load_default=list)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=10, load_default=list)
    sections = fields.List(fields.Code(_SECTIONS), maximum=21, load_default=list)
    tiers = fields.List(fields.Code(opportunities.TIERS), maximum=2, load_default=list)
    formal = fields.Boolean(allow_none=True, load_default=None)
    years_min = fields.Integer(maximum=_YEARS, allow_none=True, load_default=None)
    years_max = fields.Integer(maximum=_YEARS, allow_none=True, load_default=None)
    women_only = fields.Boolean(load_default=False)


class OpportunityIn(Input):
    """`link` is a text for people: nobody here fetches it. Without `deadline` it stays open."""

    kind = fields.Code(opportunities.KINDS, required=True)
    title = fields.String(required=True)
    description = fields.String(maximum=4_000, allow_none=True, load_default=None)
    source = fields.String(maximum=300, required=True)
    institution_id = fields.Id(allow_none=True, load_default=None)
    link = fields.String(maximum=500, allow_none=True, load_default=None)
    deadline = fields.Day(allow_none=True, load_default=None)
    amount_min = fields.MoneyField(allow_none=True, load_default=None)
    amount_max = fields.MoneyField(allow_none=True, load_default=None)
    conditions = fields.Nested(ConditionsIn, required=True)


class OpportunityQuery(Query):
    """`state` is `open` unless asked otherwise; `closing` ends within 14 days; `year` is that of the deadline."""

    q = fields.String(maximum=100)
    kind = fields.Code(opportunities.KINDS)
    state = fields.Code(("open", "closing", "closed", "all"))
    place = fields.String(maximum=6, pattern=_UNIT)
    year = fields.Integer(minimum=1900, maximum=2200)
    institution_id = fields.Id()


class FitQuery(Query):
    """`fits` (unless asked otherwise): all is known and met; `may_fit`: nothing is missed, something is not known;
    `told` asks for who was told, or was not.
    """

    fit = fields.Code(("fits", "may_fit"))
    told = fields.Boolean()


class TellIn(Input):
    """Told today unless another day is named."""

    enterprise_id = fields.Id(required=True)
    on = fields.Day(allow_none=True, load_default=None)


class FollowUpIn(Input):
    state = fields.Code(("applied", "won", "lost"), required=True)
    on = fields.Day(required=True)


class ConditionsOut(Output):
    units = fields.List(fields.String())
    chains = fields.List(fields.String())
    links = fields.List(fields.String())
    needs = fields.List(fields.String())
    sections = fields.List(fields.String())
    tiers = fields.List(fields.String())
    formal = fields.Boolean(allow_none=True)
    years_min = fields.Integer(allow_none=True)
    years_max = fields.Integer(allow_none=True)
    women_only = fields.Boolean()


class OfferOut(Output):
    id = fields.Id()
    version = fields.Integer()
    kind = fields.String()
    title = fields.String()
    description = fields.String(allow_none=True)
    source = fields.String()
    institution_id = fields.Id(allow_none=True)
    institution_name = fields.String(allow_none=True)
    link = fields.String(allow_none=True)
    deadline = fields.Day(allow_none=True)
    amount_min = fields.MoneyField(allow_none=True)
    amount_max = fields.MoneyField(allow_none=True)
    open = fields.Boolean()
    conditions = fields.Nested(ConditionsOut)
    unit_names = fields.List(fields.String())


class OpportunityOut(OfferOut):
    """`told`, `applied`, `won` and `lost` count the enterprises of the caller's territory."""

    told = fields.Integer()
    applied = fields.Integer()
    won = fields.Integer()
    lost = fields.Integer()


class VerdictOut(Output):
    """Whether a condition is `met`, `missed` or `unknown`."""

    condition = fields.String()
    verdict = fields.String()


class FittingOut(OfferOut):
    """`state` is how far it was followed up with her, null as long as nobody told her."""

    fit = fields.String()
    verdicts = fields.List(fields.Nested(VerdictOut))
    state = fields.String(allow_none=True)


class FitOut(Output):
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    fit = fields.String()
    verdicts = fields.List(fields.Nested(VerdictOut))
    state = fields.String(allow_none=True)


class FollowUpOut(Output):
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    active = fields.Boolean()
    version = fields.Integer()
    state = fields.String()
    told_on = fields.Day()
    told_by_name = fields.String()
    applied_on = fields.Day(allow_none=True)
    decided_on = fields.Day(allow_none=True)


class OpportunityCounts(Output):
    open = fields.Integer()
    closing = fields.Integer()
    to_tell = fields.Integer()
