"""What goes in and out of the API about accompaniments."""

from services.registry.api.people_schemas import NameOut
from services.registry.api.plan_schemas import PlanVersionOut
from services.registry.rules.hours import GROUPS
from services.registry.rules.project_cycle import BEGINNINGS, PHASES
from shared.events import vocabulary
from shared.web import Input, Output, Query, fields

PURPOSES_OF_VISITS = (
    "check_investment",
    "first_month",
    "mid_term",
    "progress",
    "closing",
    "market_contacts",
    "fair_preparation",
    "quality_diagnosis",
    "quality_follow_up",
    "training_link",
    "formalization_steps",
    "formalization_follow_up",
    "accounts_review",
    "arrears",
    "other",
)


class AccompanimentQuery(Query):
    """`technician=me` are the caller's own; `due=late` have a visit overdue, `due=soon` one within a week too."""

    state = fields.Code(("open", "closed", "all"))
    technician = fields.Code(("me", "nobody"))
    due = fields.Code(("late", "soon"))
    enterprise_id = fields.Id()
    phase = fields.Code(PHASES)
    arrears = fields.Boolean()
    """Only those whose visit for an overdue instalment is still to be made."""


class AccompanimentIn(Input):
    """An accompaniment without a loan, from its idea on or where the money is there already."""

    enterprise_id = fields.Id(required=True)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5, load_default=list)
    begins_on = fields.Day(required=True)
    months = fields.Integer(minimum=1, maximum=60, load_default=12)
    phase = fields.Code(BEGINNINGS, load_default="implementation")
    title = fields.String(allow_none=True, load_default=None)
    aim = fields.String(maximum=4_000, allow_none=True, load_default=None)


class AccompanimentChange(Input):
    """Either `technician` with its name (and a `note` of what is handed over), or `closed_on` (and why)."""

    technician = fields.String(maximum=120)
    technician_name = fields.String()
    closed_on = fields.Day()
    note = fields.String(maximum=2_000, allow_none=True, load_default=None)
    reason = fields.String(maximum=2_000, allow_none=True, load_default=None)


class ProjectIn(Input):
    """What a project is about."""

    title = fields.String(allow_none=True, load_default=None)
    aim = fields.String(maximum=4_000, allow_none=True, load_default=None)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5, load_default=list)
    resolved_needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5, load_default=list)


class MoveIn(Input):
    """To which phase a case moves. `reason` is needed to go back, and to consolidate while visits are waiting;
    `financed_how` to implement without a loan of the fund, with its visits planned for so many `months`.
    """

    phase = fields.Code(PHASES, required=True)
    on = fields.Day(required=True)
    reason = fields.String(maximum=2_000, allow_none=True, load_default=None)
    financed_how = fields.String(maximum=2_000, allow_none=True, load_default=None)
    months = fields.Integer(minimum=1, maximum=60, load_default=12)


class NextVisitIn(Input):
    due_on = fields.Day(required=True)
    purpose = fields.Code(PURPOSES_OF_VISITS, load_default="other")


class VisitRecord(Input):
    """`visit_id` of the planned visit that was made; without it, one that the plan did not foresee."""

    visit_id = fields.Id()
    made_on = fields.Day(required=True)
    minutes = fields.Integer(minimum=1, maximum=1_440, allow_none=True, load_default=None)
    notes = fields.String(maximum=4_000, allow_none=True, load_default=None)
    agreements = fields.String(maximum=4_000, allow_none=True, load_default=None)
    place = fields.String(maximum=300, allow_none=True, load_default=None)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5, allow_none=True, load_default=None)
    next_visit = fields.Nested(NextVisitIn, allow_none=True, load_default=None)


class CancelIn(Input):
    """Why a planned visit will not take place."""

    reason = fields.String(maximum=2_000, required=True)


class AccompanimentRow(Output):
    id = fields.Id()
    version = fields.Integer()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    loan_id = fields.Id(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    phase = fields.Code(PHASES)
    title = fields.String(allow_none=True)
    needs = fields.List(fields.String())
    technician = fields.String(allow_none=True)
    technician_name = fields.String(allow_none=True)
    opened_on = fields.Day()
    closed_on = fields.Day(allow_none=True)
    next_visit_on = fields.Day(allow_none=True)
    overdue = fields.Boolean()
    visits_made = fields.Integer()
    visits_planned = fields.Integer()


class ContactOut(NameOut):
    phone = fields.String(allow_none=True)


class VisitOut(Output):
    id = fields.Id()
    due_on = fields.Day()
    purposes = fields.List(fields.String())
    needs = fields.List(fields.String())
    made_on = fields.Day(allow_none=True)
    minutes = fields.Integer(allow_none=True)
    notes = fields.String(allow_none=True)
    agreements = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    has_photo = fields.Boolean()
    made_by_name = fields.String(allow_none=True)
    cancelled_on = fields.Day(allow_none=True)
    cancelled_by_name = fields.String(allow_none=True)
    cancelled_because = fields.String(allow_none=True)
    overdue = fields.Boolean()


class CaseStepOut(Output):
    """`kind` is `opened`, `moved`, `assigned` or `closed`; `phase` is where the case stood after it."""

    kind = fields.String()
    happened_on = fields.Day()
    phase = fields.Code(PHASES)
    technician_name = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    recorded_by_name = fields.String()


class AccompanimentOut(Output):
    id = fields.Id()
    version = fields.Integer()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    owners = fields.List(fields.Nested(ContactOut))
    loan_id = fields.Id(allow_none=True)
    loan_amount = fields.MoneyField(allow_none=True)
    loan_term_months = fields.Integer(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    phase = fields.Code(PHASES)
    needs = fields.List(fields.String())
    technician = fields.String(allow_none=True)
    technician_name = fields.String(allow_none=True)
    opened_on = fields.Day()
    closed_on = fields.Day(allow_none=True)
    title = fields.String(allow_none=True)
    aim = fields.String(allow_none=True)
    resolved_needs = fields.List(fields.String())
    financed_how = fields.String(allow_none=True)
    photos_agreed = fields.Boolean()
    visits = fields.List(fields.Nested(VisitOut))
    steps = fields.List(fields.Nested(CaseStepOut))
    plans = fields.List(fields.Nested(PlanVersionOut))


class AgendaQuery(Query):
    """`week` is any day of the week that is asked for, today where none is; `technician` is `me`, `nobody` or the
    subject of an account, everybody where it is left out.
    """

    week = fields.Day()
    technician = fields.String(maximum=120)


class AgendaVisitOut(Output):
    """A visit of the week, or a late one; where it is and whom to call, for who may know."""

    id = fields.Id()
    due_on = fields.Day()
    made_on = fields.Day(allow_none=True)
    late = fields.Boolean()
    purposes = fields.List(fields.String())
    accompaniment_id = fields.Id()
    phase = fields.Code(PHASES)
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    address = fields.String(allow_none=True)
    owners = fields.List(fields.Nested(ContactOut))
    technician = fields.String(allow_none=True)
    technician_name = fields.String(allow_none=True)


class HoursQuery(Query):
    """Of which days, and by what the hours are added up."""

    since = fields.Day(required=True)
    until = fields.Day(required=True)
    by = fields.Code(GROUPS, load_default="technician")
    technician = fields.String(maximum=120)
    accompaniment_id = fields.Id()


class HoursOut(Output):
    """`key` is what the visits have in common, `label` how it is called where it has a name."""

    key = fields.String()
    label = fields.String(allow_none=True)
    visits = fields.Integer()
    minutes = fields.Integer()


class HoursTotalOut(Output):
    since = fields.Day()
    until = fields.Day()
    by = fields.String()
    visits = fields.Integer()
    minutes = fields.Integer()
    rows = fields.List(fields.Nested(HoursOut))
