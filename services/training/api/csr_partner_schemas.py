"""What is told and asked of partners and agreements."""

from services.training.api.csr_schemas import ADDRESS, PartnerName, UnitQuery
from services.training.models.partners import CONTRIBUTIONS, LEARNING_KINDS, OBLIGED, PARTNER_KINDS
from services.training.queries.partners import STANDINGS
from shared import places
from shared.web import Input, Output, fields


class PartnersQuery(UnitQuery):
    kind = fields.Code(PARTNER_KINDS)
    text = fields.String(maximum=100)
    teaches = fields.Boolean()
    learning_kind = fields.Code(LEARNING_KINDS)


class AgreementsQuery(UnitQuery):
    """`standing`: in force, ending soon and not renewed, over. `teaches`: with a learning centre or university."""

    standing = fields.Code(STANDINGS)
    partner_id = fields.Id()
    teaches = fields.Boolean()


class PartnerIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    name = fields.String(maximum=200, required=True)
    kind = fields.Code(PARTNER_KINDS, required=True)
    learning_kind = fields.Code(LEARNING_KINDS, allow_none=True, load_default=None)
    address = fields.String(maximum=300, allow_none=True, load_default=None)
    phone = fields.String(maximum=40, allow_none=True, load_default=None)
    email = fields.String(maximum=200, pattern=r"[^\s@]+@[^\s@]+", allow_none=True, load_default=None)
    website = fields.String(maximum=300, pattern=ADDRESS, allow_none=True, load_default=None)


class PartnerRow(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    name = fields.String()
    kind = fields.Code(PARTNER_KINDS)
    learning_kind = fields.Code(LEARNING_KINDS, allow_none=True)
    address = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    website = fields.String(allow_none=True)
    activities = fields.Integer()
    recorded_by_name = fields.String()


class ObligationIn(Input):
    side = fields.Code(OBLIGED, required=True)
    what = fields.String(maximum=400, required=True)


class ObligationOut(Output):
    side = fields.Code(OBLIGED)
    what = fields.String()


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
    obligations = fields.List(fields.Nested(ObligationIn), maximum=40, load_default=list)


class RenewalIn(Input):
    signed_on = fields.Day(required=True)
    ends_on = fields.Day(load_default=None, allow_none=True)


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
    obligations = fields.List(fields.Nested(ObligationOut))
    standing = fields.Code(STANDINGS)
    paper = fields.String(allow_none=True)
    renews_id = fields.Id(allow_none=True)
    renewed_by_id = fields.Id(allow_none=True)
    partners = fields.List(fields.Nested(PartnerName))
    recorded_by_name = fields.String()


class PartnerOut(PartnerRow):
    agreements = fields.List(fields.Nested(AgreementOut))
