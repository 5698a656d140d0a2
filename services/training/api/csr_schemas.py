"""What is told and asked of small firms, workshops, dialogues and commitments on social responsibility."""

from services.training.api.schemas import HolidayOut
from services.training.models.activities import ACTIVITY_KINDS, ACTIVITY_STATES, DIALOGUE_KINDS, SIDES
from services.training.models.csr_commitments import COMMITMENT_STATES
from services.training.models.participants import SEXES, SOURCES
from services.training.models.partners import PARTNER_KINDS
from services.training.models.smes import SECTORS, SIZES
from shared import places
from shared.web import Input, Output, Query, fields

_MOST = 100_000
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = r"[+0-9][0-9 ()-]{5,30}"
ADDRESS = r"https?://[^\s]+"
DAYS_AT_MOST = 10


class UnitQuery(Query):
    """`unit`: that place and what lies in it."""

    unit = fields.String(maximum=6, pattern=places.UNIT)


class SmesQuery(UnitQuery):
    sector = fields.Code(SECTORS)
    size = fields.Code(SIZES)
    text = fields.String(maximum=100)


class FirmIn(Input):
    """A firm as who registers for it tells it."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    city = fields.String(maximum=120, minimum=0, load_default="")
    name = fields.String(maximum=200, required=True)
    sector = fields.Code(SECTORS, required=True)
    size = fields.Code(SIZES, required=True)


class SmeIn(FirmIn):
    """`contact_…`: a person by whom it is reached."""

    employees = fields.Integer(maximum=_MOST, load_default=None, allow_none=True)
    women_employees = fields.Integer(maximum=_MOST, load_default=None, allow_none=True)
    women_owned_percent = fields.Integer(maximum=100, load_default=None, allow_none=True)
    contact_name = fields.String(maximum=200, load_default=None, allow_none=True)
    contact_email = fields.String(maximum=200, pattern=EMAIL, load_default=None, allow_none=True)
    contact_phone = fields.String(maximum=40, pattern=PHONE, load_default=None, allow_none=True)


class SmeOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    city = fields.String()
    name = fields.String()
    sector = fields.Code(SECTORS)
    size = fields.Code(SIZES)
    employees = fields.Integer(allow_none=True)
    women_employees = fields.Integer(allow_none=True)
    women_owned_percent = fields.Integer(allow_none=True)
    contact_name = fields.String(allow_none=True)
    contact_email = fields.String(allow_none=True)
    contact_phone = fields.String(allow_none=True)
    workshops = fields.Integer()
    recorded_by_name = fields.String()


class ActivitiesQuery(UnitQuery):
    state = fields.Code(ACTIVITY_STATES)


class DialoguesQuery(ActivitiesQuery):
    kind = fields.Code(DIALOGUE_KINDS)


class DescriptionIn(Input):
    city = fields.String(maximum=120, required=True)
    title = fields.String(maximum=200, required=True)
    topics = fields.String(maximum=5_000, minimum=0, load_default="")


class WorkshopChange(DescriptionIn):
    """`capacity`: as many persons may register; `gender_module`: whether the module on gender equality is taught."""

    capacity = fields.Integer(minimum=1, maximum=1_000, load_default=None, allow_none=True)
    gender_module = fields.Boolean(load_default=False)


class WorkshopIn(WorkshopChange):
    """`on_holiday`: the day is kept although it is a public holiday."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    starts_on = fields.Day(required=True)
    on_holiday = fields.Boolean(load_default=False)


class DialogueIn(DescriptionIn):
    """`on_holiday`: the day is kept although it is a public holiday."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    kind = fields.Code(DIALOGUE_KINDS, required=True)
    starts_on = fields.Day(required=True)
    days = fields.Integer(minimum=1, maximum=DAYS_AT_MOST, load_default=1)
    on_holiday = fields.Boolean(load_default=False)


class DateIn(Input):
    """`on_holiday`: the day is kept although it is a public holiday."""

    starts_on = fields.Day(required=True)
    reason = fields.String(maximum=500, required=True)
    on_holiday = fields.Boolean(load_default=False)


class SideIn(Input):
    """Counts of who was there of one side; no names of persons."""

    side = fields.Code(SIDES, required=True)
    institutions = fields.Integer(maximum=_MOST, required=True)
    women = fields.Integer(maximum=_MOST, required=True)
    men = fields.Integer(maximum=_MOST, required=True)


class OutcomeIn(Input):
    present = fields.List(fields.Nested(SideIn), minimum=1, maximum=len(SIDES), required=True)
    conclusions = fields.String(maximum=5_000, required=True)


class JoinIn(Input):
    partner_id = fields.Id(required=True)


class MaterialIn(Input):
    """Something on the web, with `title` and `address`; or `library_id`, which brings its title where none is told."""

    title = fields.String(maximum=200, minimum=0, load_default="")
    address = fields.String(maximum=500, minimum=0, pattern=f"({ADDRESS})?", load_default="")
    library_id = fields.Id(load_default=None, allow_none=True)


class UntilIn(Input):
    until = fields.Day(required=True)


class PersonIn(Input):
    name = fields.String(maximum=200, required=True)
    sex = fields.Code(SEXES, required=True)
    email = fields.String(maximum=200, pattern=EMAIL, load_default=None, allow_none=True)
    phone = fields.String(maximum=40, pattern=PHONE, load_default=None, allow_none=True)


class ParticipantIn(PersonIn):
    """For a firm that is known (`sme_id`) or for one by its facts (`sme`)."""

    sme_id = fields.Id(load_default=None, allow_none=True)
    sme = fields.Nested(FirmIn, load_default=None, allow_none=True)


class RegistrationIn(PersonIn):
    """`agreed`: that the centre keeps her name and addresses for the workshop."""

    agreed = fields.Boolean(required=True)
    sme = fields.Nested(FirmIn, required=True)


class RollMarkIn(Input):
    participant_id = fields.Id(required=True)
    present = fields.Boolean(required=True)


class AttendanceIn(Input):
    day = fields.Integer(minimum=1, maximum=DAYS_AT_MOST, required=True)
    marks = fields.List(fields.Nested(RollMarkIn), minimum=1, maximum=1_000, required=True)


class ParticipantOut(Output):
    """`attended`: of each day whether she was there, null where nobody said so yet."""

    id = fields.Id()
    sme_id = fields.Id()
    sme_name = fields.String()
    sector = fields.Code(SECTORS)
    name = fields.String(allow_none=True)
    sex = fields.Code(SEXES)
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    source = fields.Code(SOURCES)
    attended = fields.Anything()
    forgotten = fields.Boolean()
    recorded_at = fields.Moment()


class ActivityRow(Output):
    """Distinct firms and persons, registered and come."""

    id = fields.Id()
    version = fields.Integer()
    kind = fields.Code(ACTIVITY_KINDS)
    unit = fields.String()
    city = fields.String()
    title = fields.String()
    starts_on = fields.Day()
    days = fields.Integer()
    state = fields.Code(ACTIVITY_STATES)
    gender_module = fields.Boolean()
    smes_registered = fields.Integer()
    persons_registered = fields.Integer()
    smes_came = fields.Integer()
    persons_came = fields.Integer()


class _DatesOut(Output):
    number = fields.Integer()
    starts_on = fields.Day()
    reason = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class PartnerName(Output):
    id = fields.Id()
    name = fields.String()
    kind = fields.Code(PARTNER_KINDS)


class MaterialOut(Output):
    id = fields.Id()
    title = fields.String()
    address = fields.String()
    library_id = fields.Id(allow_none=True)


class _Count(Output):
    code = fields.String()
    count = fields.Integer()


class NoteOut(Output):
    day = fields.Day()
    state = fields.Code(COMMITMENT_STATES)
    note = fields.String()
    recorded_by_name = fields.String()


class CommitmentOut(Output):
    id = fields.Id()
    version = fields.Integer()
    activity_id = fields.Id()
    unit = fields.String()
    what = fields.String()
    owner = fields.String()
    due_on = fields.Day()
    state = fields.Code(COMMITMENT_STATES)
    late = fields.Boolean()
    recorded_by_name = fields.String()
    notes = fields.List(fields.Nested(NoteOut))


class _MarkedOut(Output):
    day = fields.Integer()
    present = fields.Integer()
    absent = fields.Integer()
    unmarked = fields.Integer()


class ActivityOut(ActivityRow):
    """`by_sex` counts persons and `by_sector` distinct firms: of those who came, of those registered before anybody was
    marked. `registration_token` stands in the address of the public form while it is open. `holidays`: those on which
    it falls.
    """

    ends_on = fields.Day()
    holidays = fields.List(fields.Nested(HolidayOut))
    topics = fields.String()
    capacity = fields.Integer(allow_none=True)
    agenda = fields.Anything()
    present = fields.Anything()
    conclusions = fields.String()
    registration_until = fields.Day(allow_none=True)
    registration_token = fields.String(allow_none=True)
    dates = fields.List(fields.Nested(_DatesOut))
    partners = fields.List(fields.Nested(PartnerName))
    materials = fields.List(fields.Nested(MaterialOut))
    commitments = fields.List(fields.Nested(CommitmentOut))
    by_sex = fields.List(fields.Nested(_Count))
    by_sector = fields.List(fields.Nested(_Count))
    marked_days = fields.List(fields.Nested(_MarkedOut))
    recorded_by_name = fields.String()


class PublicWorkshopOut(Output):
    """What everybody may know of a workshop that takes registrations."""

    title = fields.String()
    unit = fields.String()
    city = fields.String()
    starts_on = fields.Day()
    ends_on = fields.Day()
    registration_until = fields.Day()
    full = fields.Boolean()


class CommitmentsQuery(Query):
    state = fields.Code(COMMITMENT_STATES)


class CommitmentIn(Input):
    """`owner` is the institution that answers for it."""

    what = fields.String(maximum=1_000, required=True)
    owner = fields.String(maximum=200, required=True)
    due_on = fields.Day(required=True)


class FollowUpIn(Input):
    day = fields.Day(required=True)
    state = fields.Code(COMMITMENT_STATES, required=True)
    note = fields.String(maximum=1_000, required=True)
