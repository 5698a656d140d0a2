"""What is told and asked of partners and agreements."""

from services.training.api.csr_schemas import PartnerName, UnitQuery
from services.training.models.partners import CONTRIBUTIONS, PARTNER_KINDS
from shared import places
from shared.web import Input, Output, fields


class PartnersQuery(UnitQuery):
    kind = fields.Code(PARTNER_KINDS)
    text = fields.String(maximum=100)


class PartnerIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    name = fields.String(maximum=200, required=True)
    kind = fields.Code(PARTNER_KINDS, required=True)


class PartnerRow(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    name = fields.String()
    kind = fields.Code(PARTNER_KINDS)
    activities = fields.Integer()
    recorded_by_name = fields.String()


class AgreementIn(Input):
    """`activity_id`: the dialogue or workshop that it came from."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    title = fields.String(maximum=200, required=True)
    purpose = fields.String(maximum=2_000, required=True)
    contribution = fields.Code(CONTRIBUTIONS, required=True)
    partner_ids = fields.List(fields.Id(), minimum=1, maximum=50, required=True)
    signed_on = fields.Day(required=True)
    ends_on = fields.Day(load_default=None, allow_none=True)
    activity_id = fields.Id(load_default=None, allow_none=True)


class EndIn(Input):
    ends_on = fields.Day(required=True)


class AgreementOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    title = fields.String()
    purpose = fields.String()
    contribution = fields.Code(CONTRIBUTIONS)
    signed_on = fields.Day()
    ends_on = fields.Day(allow_none=True)
    activity_id = fields.Id(allow_none=True)
    partners = fields.List(fields.Nested(PartnerName))
    recorded_by_name = fields.String()


class PartnerOut(PartnerRow):
    agreements = fields.List(fields.Nested(AgreementOut))
