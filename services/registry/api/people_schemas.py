"""What goes in and out of the API about the women of the inventory, and what they agree to."""

from services.registry.rules import inventory
from shared.web import Input, Output, fields

_PHONE = r"\+?[0-9 ()\-]{7,23}"


class DifficultiesIn(Input):
    """The Washington Group's short set, as she answers it herself; all six questions, or none."""

    seeing = fields.Code(inventory.DEGREES, required=True)
    hearing = fields.Code(inventory.DEGREES, required=True)
    walking = fields.Code(inventory.DEGREES, required=True)
    remembering = fields.Code(inventory.DEGREES, required=True)
    self_care = fields.Code(inventory.DEGREES, required=True)
    communicating = fields.Code(inventory.DEGREES, required=True)


class PersonChange(Input):
    """The fields that a change names; the others stay as they are."""

    given_names = fields.String()
    surnames = fields.String()
    id_kind = fields.Code(("dpi", "dui", "dni"), allow_none=True)
    id_number = fields.String(maximum=20, pattern=r"[0-9 .\-]{5,20}", allow_none=True)
    born_on = fields.Day(allow_none=True)
    phone = fields.String(maximum=24, pattern=_PHONE, allow_none=True)
    other_phone = fields.String(maximum=24, pattern=_PHONE, allow_none=True)
    people = fields.Code(inventory.PEOPLES, allow_none=True)
    languages = fields.List(fields.String(minimum=3, maximum=3, pattern="[a-z]{3}"), maximum=12)
    schooling = fields.Code(inventory.SCHOOLING, allow_none=True)
    dependants = fields.Integer(maximum=40, allow_none=True)
    children_under_6 = fields.Integer(maximum=20, allow_none=True)
    others_in_care = fields.Integer(maximum=20, allow_none=True)
    care_hours = fields.Integer(maximum=168, allow_none=True)
    head_of_household = fields.Boolean(allow_none=True)
    difficulties = fields.Nested(DifficultiesIn, allow_none=True)


class ConsentsIn(Input):
    registry = fields.Boolean(required=True)
    credit = fields.Boolean(required=True)
    map = fields.Boolean(required=True)
    photos = fields.Boolean()
    given_on = fields.Day(required=True)
    channel = fields.Code(inventory.CHANNELS, required=True)


class OwnerIn(PersonChange):
    given_names = fields.String(required=True)
    surnames = fields.String(required=True)
    consents = fields.Nested(ConsentsIn, required=True)


class ConsentIn(Input):
    purpose = fields.Code(inventory.PURPOSES, required=True)
    granted = fields.Boolean(required=True)
    given_on = fields.Day(required=True)
    channel = fields.Code(inventory.CHANNELS, required=True)


class ConfirmationIn(Input):
    because = fields.String(maximum=500, required=True)


class NameOut(Output):
    id = fields.Id()
    given_names = fields.String()
    surnames = fields.String()


class OwnerContactOut(NameOut):
    phone = fields.String(allow_none=True)
    other_phone = fields.String(allow_none=True)


class OwnerOut(NameOut):
    version = fields.Integer()
    id_kind = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    born_on = fields.Day(allow_none=True)
    phone = fields.String(allow_none=True)
    other_phone = fields.String(allow_none=True)
    people = fields.String(allow_none=True)
    languages = fields.List(fields.String())


class AnswerOut(Output):
    purpose = fields.String()
    granted = fields.Boolean()
    given_on = fields.Day()
    channel = fields.String()


class RecordOwnerOut(OwnerOut):
    """An owner on the record of her enterprise, with her last answer for each purpose for who may see them."""

    answers = fields.List(fields.Nested(AnswerOut))


class WarningOut(Output):
    """`confirmed` where somebody says that it is right as it is; `detail` says who and why to who may know."""

    code = fields.String()
    detail = fields.String()
    confirmed = fields.Boolean()


class EnterpriseName(Output):
    id = fields.Id()
    name = fields.String()
    municipality = fields.String()


class ConsentOut(AnswerOut):
    recorded_at = fields.Moment()


class EntrepreneurOut(OwnerOut):
    schooling = fields.String(allow_none=True)
    dependants = fields.Integer(allow_none=True)
    children_under_6 = fields.Integer(allow_none=True)
    others_in_care = fields.Integer(allow_none=True)
    care_hours = fields.Integer(allow_none=True)
    head_of_household = fields.Boolean(allow_none=True)
    difficulties = fields.Anything(allow_none=True)
    disabled = fields.Boolean(allow_none=True)
    warnings = fields.List(fields.Nested(WarningOut))
    withdrawn_on = fields.Day(allow_none=True)
    enterprises = fields.List(fields.Nested(EnterpriseName))
    consents = fields.List(fields.Nested(ConsentOut))


class ErasureOut(Output):
    """What was erased (how many of each kind), and what stays."""

    entrepreneur_id = fields.Id()
    erased = fields.Anything()
    kept = fields.List(fields.String())
