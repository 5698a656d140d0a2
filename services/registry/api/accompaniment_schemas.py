"""What goes in and out of the API about accompaniments."""

from services.registry.api.enterprise_schemas import NameOut
from services.registry.models.accompaniment import PHASES
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
    "other",
)


class AccompanimentQuery(Query):
    """`technician=me` are the caller's own; `due=late` have a visit overdue, `due=soon` one within a week too."""

    state = fields.Code(("open", "closed", "all"))
    technician = fields.Code(("me", "nobody"))
    due = fields.Code(("late", "soon"))
    enterprise_id = fields.Id()


class AccompanimentIn(Input):
    """An accompaniment without a loan."""

    enterprise_id = fields.Id(required=True)
    needs = fields.List(fields.Code(vocabulary.NEEDS), maximum=5, load_default=list)
    begins_on = fields.Day(required=True)
    months = fields.Integer(minimum=1, maximum=60, load_default=12)


class AccompanimentChange(Input):
    """Either `technician` with its name, or `closed_on`."""

    technician = fields.String(maximum=120)
    technician_name = fields.String()
    closed_on = fields.Day()


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
    next_visit = fields.Nested(NextVisitIn, allow_none=True, load_default=None)


class AccompanimentRow(Output):
    id = fields.Id()
    version = fields.Integer()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    loan_id = fields.Id(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    phase = fields.Code(PHASES)
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
    made_by_name = fields.String(allow_none=True)
    overdue = fields.Boolean()


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
    visits = fields.List(fields.Nested(VisitOut))
