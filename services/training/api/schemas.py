"""What the training API reads and answers."""

from services.training.use_cases.propose_groups import LARGEST_GROUP
from shared.events.vocabulary import CHAINS, NEEDS
from shared.web import Input, Output, Query, fields

TEAM = frozenset({"trainer", "technician", "coordinator"})
"""Who forms groups."""
READERS = TEAM | {"network_coordinator", "auditor", "service"}
"""Who may read who needs what and who is in them: the centre and who audits it. Numbers for others are published once
a month by territory, without small counts.
"""

UNIT = r"(GT|HN|SV)([0-9]{2}){0,2}"
REASONS = (
    "no_place",
    "too_many_partners",
    "too_few_near",
    "no_room",
    "neighbours_placed",
    "already_in_group",
)


class UnitQuery(Query):
    unit = fields.String(maximum=6, pattern=UNIT)


class NeedOut(Output):
    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    women = fields.Integer()
    enterprises = fields.Integer()
    borrowers = fields.Integer()
    in_groups = fields.Integer()
    waiting = fields.Integer()


class ProposalIn(Input):
    units = fields.List(fields.String(maximum=6, pattern=UNIT), minimum=1, maximum=20, required=True)
    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    minimum = fields.Integer(minimum=2, maximum=LARGEST_GROUP, load_default=6)
    maximum = fields.Integer(minimum=2, maximum=LARGEST_GROUP, load_default=LARGEST_GROUP)
    diameter_km = fields.Number(minimum=0.5, maximum=200, load_default=30.0)


class ProposalRow(Output):
    id = fields.Id()
    units = fields.List(fields.String())
    chain = fields.Code(CHAINS, allow_none=True)
    need = fields.Code(NEEDS, allow_none=True)
    minimum = fields.Integer()
    maximum = fields.Integer()
    diameter_km = fields.Number(minimum=0, maximum=1000)
    considered = fields.Integer()
    placed = fields.Integer()
    left_out = fields.Integer()
    in_groups = fields.Integer()
    made_by_name = fields.String()
    made_at = fields.Moment()


class ProposedGroupRow(Output):
    number = fields.Integer()
    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    municipality = fields.String()
    diameter_km = fields.Number(minimum=0, maximum=1000)
    women = fields.Integer()
    placed_by_municipality = fields.Integer()
    group_id = fields.Id(allow_none=True)


class ReasonOut(Output):
    reason = fields.Code(REASONS)
    women = fields.Integer()


class ProposalOut(ProposalRow):
    groups = fields.List(fields.Nested(ProposedGroupRow))
    reasons = fields.List(fields.Nested(ReasonOut))


class MemberOut(Output):
    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class ProposedMemberOut(MemberOut):
    placed_by = fields.Code(("point", "municipality"))


class ProposedGroupOut(ProposedGroupRow):
    proposal_id = fields.Id()
    members = fields.List(fields.Nested(ProposedMemberOut))


class LeftOutQuery(Query):
    reason = fields.Code(REASONS)


class LeftOutRow(MemberOut):
    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    reason = fields.Code(REASONS)
    facts = fields.Anything()


class ConfirmationIn(Input):
    name = fields.String(maximum=120)


class GroupQuery(UnitQuery):
    """`ended`: only groups whose training ended, or only the others."""

    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    ended = fields.Boolean()


class GroupRow(Output):
    id = fields.Id()
    version = fields.Integer()
    number = fields.Integer()
    name = fields.String(maximum=120)
    chain = fields.Code(CHAINS)
    need = fields.Code(NEEDS)
    municipality = fields.String()
    diameter_km = fields.Number(minimum=0, maximum=1000)
    women = fields.Integer()
    withdrawn = fields.Integer()
    formed_on = fields.Day()
    formed_by_name = fields.String()
    completed_on = fields.Day(allow_none=True)


class GroupMemberOut(MemberOut):
    completed = fields.Boolean()


class GroupOut(GroupRow):
    members = fields.List(fields.Nested(GroupMemberOut))


class CompletionIn(Input):
    """When the training ended, and who of the group completed it."""

    completed_on = fields.Day(required=True)
    entrepreneur_ids = fields.List(fields.Id(), maximum=LARGEST_GROUP, required=True)


class GroupChange(Input):
    name = fields.String(maximum=120, required=True)
