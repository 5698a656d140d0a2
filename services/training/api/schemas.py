"""What the training API reads and answers."""

from services.training.reference.rounds import LARGEST_GROUP
from shared.events.vocabulary import CHAINS, NEEDS
from shared.web import Input, Output, Query, fields

TEAM = frozenset({"trainer", "technician", "coordinator"})
"""Who forms groups."""
READERS = TEAM | {"network_coordinator", "auditor", "service"}
"""Who may read who needs what and who is in them: the centre and who audits it. Numbers for others are published once
a month by territory, without small counts.
"""

UNIT = r"(GT|HN|SV)([0-9]{2}){0,2}"


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


class MemberOut(Output):
    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


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
    dissolved_on = fields.Day(allow_none=True)


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


class HolidayOut(Output):
    """A public holiday, by its Spanish and its English name."""

    day = fields.Day()
    es = fields.String()
    en = fields.String()
