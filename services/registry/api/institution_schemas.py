"""What goes in and out of the API about centres, institutions and agreements."""

from services.registry.rules import institutions
from shared.kernel import COUNTRY_CURRENCY
from shared.web import Input, Output, Query, fields

_UNIT = r"[A-Z]{2}([0-9]{2}([0-9]{2})?)?"
_MUNICIPALITY = r"[A-Z]{2}[0-9]{4}"


class OfficeIn(Input):
    """An office and how to reach it: its role, not a private person."""

    office = fields.String(required=True)
    role = fields.String(allow_none=True, load_default=None)
    phone = fields.String(maximum=40, pattern=r"[+0-9 ()\-]{4,40}", allow_none=True, load_default=None)


class InstitutionIn(Input):
    """`unit` is the country, department or municipality it is an institution of."""

    name = fields.String(required=True)
    kind = fields.Code(institutions.KINDS, required=True)
    unit = fields.String(maximum=6, pattern=_UNIT, required=True)
    address = fields.String(maximum=300, allow_none=True, load_default=None)
    contacts = fields.List(fields.Nested(OfficeIn), maximum=20, load_default=list)


class InstitutionQuery(Query):
    kind = fields.Code(institutions.KINDS)
    q = fields.String(maximum=100)


class MemberIn(Input):
    """Somebody of the team: the subject of an account, a name, and a task."""

    subject = fields.String(maximum=120, required=True)
    name = fields.String(required=True)
    task = fields.String(allow_none=True, load_default=None)


class CentreIn(Input):
    name = fields.String(required=True)
    country = fields.Code(tuple(COUNTRY_CURRENCY), required=True)
    host_id = fields.Id(allow_none=True, load_default=None)
    municipalities = fields.List(fields.String(maximum=6, pattern=_MUNICIPALITY), minimum=1, maximum=340, required=True)
    team = fields.List(fields.Nested(MemberIn), maximum=60, load_default=list)


class AgreementIn(Input):
    """Without `centre_id` it is of the whole network; without `valid_until` it has no end."""

    purpose = fields.String(maximum=500, required=True)
    signed_on = fields.Day(required=True)
    valid_from = fields.Day(required=True)
    valid_until = fields.Day(allow_none=True, load_default=None)
    centre_id = fields.Id(allow_none=True, load_default=None)


class AgreementOut(Output):
    """`standing` is `future`, `in_force`, `expiring` (within 60 days) or `over`."""

    id = fields.Id()
    version = fields.Integer()
    institution_id = fields.Id()
    institution_name = fields.String()
    centre_id = fields.Id(allow_none=True)
    centre_name = fields.String(allow_none=True)
    purpose = fields.String()
    signed_on = fields.Day()
    valid_from = fields.Day()
    valid_until = fields.Day(allow_none=True)
    standing = fields.String()
    has_file = fields.Boolean()


class OfficeOut(Output):
    office = fields.String()
    role = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)


class InstitutionOut(Output):
    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    address = fields.String(allow_none=True)
    contacts = fields.List(fields.Nested(OfficeOut))
    agreements = fields.List(fields.Nested(AgreementOut))


class MemberOut(Output):
    subject = fields.String()
    name = fields.String()
    task = fields.String(allow_none=True)


class CentreOut(Output):
    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    country = fields.String()
    country_name = fields.String()
    currency = fields.String()
    host_id = fields.Id(allow_none=True)
    host_name = fields.String(allow_none=True)
    municipalities = fields.List(fields.String())
    municipality_names = fields.List(fields.String())
    team = fields.List(fields.Nested(MemberOut))
    agreements = fields.List(fields.Nested(AgreementOut))
