"""What is told and asked of trainers and their licences."""

from services.training.models.licences import PROOF_KINDS
from services.training.queries.licences import EXPIRING
from services.training.reference.licences import CRITERIA, LEVELS, MOST_MARKS
from services.training.reference.rounds import LANGUAGES, SLOTS, TOPICS
from services.training.rules.licences import ACTIVE, REVOKED, STANDINGS, SUSPENDED
from shared import places
from shared.web import Input, Output, Query, fields

_LINE = r"[^\x00-\x1f]+"
_STATES = (ACTIVE, SUSPENDED, REVOKED)


class TrainersQuery(Query):
    text = fields.String(maximum=100)
    topic = fields.Code(TOPICS)
    language = fields.Code(LANGUAGES)
    unit = fields.String(maximum=6, pattern=places.UNIT)
    left = fields.Boolean()


class TrainerIn(Input):
    """`units`: where she goes to teach. Without `slots`: any hour. `account`: what she signs in with."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    name = fields.String(maximum=120, pattern=_LINE, required=True)
    account = fields.String(maximum=120, pattern=_LINE, allow_none=True, load_default=None)
    topics = fields.List(fields.Code(TOPICS), minimum=1, maximum=len(TOPICS), required=True)
    languages = fields.List(fields.Code(LANGUAGES), minimum=1, maximum=len(LANGUAGES), required=True)
    slots = fields.List(fields.Code(SLOTS), maximum=len(SLOTS), load_default=list)
    units = fields.List(fields.String(maximum=6, pattern=places.UNIT), minimum=1, maximum=100, required=True)
    partner_id = fields.Id(allow_none=True, load_default=None)


class TrainerLicenceRow(Output):
    """`standing`: how it stands today; `expiring`: it is valid and ends soon."""

    id = fields.Id()
    version = fields.Integer()
    number = fields.String()
    trainer_id = fields.Id()
    trainer_name = fields.String()
    renews_id = fields.Id(allow_none=True)
    unit = fields.String()
    level = fields.Code(LEVELS)
    topics = fields.List(fields.Code(TOPICS))
    valid_from = fields.Day()
    valid_until = fields.Day()
    state = fields.Code(_STATES)
    state_since = fields.Day()
    reason = fields.String(allow_none=True)
    standing = fields.Code(STANDINGS)
    expiring = fields.Boolean()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class TrainerRow(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    account = fields.String(allow_none=True)
    name = fields.String()
    topics = fields.List(fields.Code(TOPICS))
    languages = fields.List(fields.Code(LANGUAGES))
    slots = fields.List(fields.Code(SLOTS))
    units = fields.List(fields.String())
    partner_id = fields.Id(allow_none=True)
    partner_name = fields.String(allow_none=True)
    left_on = fields.Day(allow_none=True)
    licences = fields.List(fields.Nested(TrainerLicenceRow))
    recorded_by_name = fields.String()


class TrainerSession(Output):
    id = fields.Id()
    title = fields.String()
    first_day = fields.Day()
    last_day = fields.Day()
    starts = fields.String()
    ends = fields.String()
    place = fields.String()
    unit = fields.String()
    state = fields.String()
    topic = fields.Code(TOPICS, allow_none=True)


class TrainerOut(TrainerRow):
    """`sessions`: those of the caller's territory from today on."""

    sessions = fields.List(fields.Nested(TrainerSession))


class LicencesQuery(Query):
    """`expiring`: valid, ending soon, and not renewed yet."""

    standing = fields.Code((*STANDINGS, EXPIRING))
    trainer_id = fields.Id()
    unit = fields.String(maximum=6, pattern=places.UNIT)


class LicenceStep(Output):
    action = fields.String()
    at = fields.Moment()
    reason = fields.String(allow_none=True)


class TrainerLicenceOut(TrainerLicenceRow):
    steps = fields.List(fields.Nested(LicenceStep))
    renewed_by_id = fields.Id(allow_none=True)


class LicenceReasonIn(Input):
    reason = fields.String(maximum=400, required=True)


class LicencePaperQuery(Query):
    """`language`: of the paper, the caller's where none is told."""

    language = fields.Code(("es", "en"))


class LicenceVerification(Output):
    """Of a number: whether it counts. Nothing of who holds it."""

    number = fields.String()
    standing = fields.Code(STANDINGS)
    valid_until = fields.Day()


class EditionsQuery(Query):
    unit = fields.String(maximum=6, pattern=places.UNIT)


class EditionIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    name = fields.String(maximum=160, pattern=_LINE, required=True)
    level = fields.Code(LEVELS, required=True)
    topics = fields.List(fields.Code(TOPICS), minimum=1, maximum=len(TOPICS), required=True)
    starts_on = fields.Day(required=True)
    ends_on = fields.Day(required=True)


class EditionRow(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    name = fields.String()
    level = fields.Code(LEVELS)
    topics = fields.List(fields.Code(TOPICS))
    starts_on = fields.Day()
    ends_on = fields.Day()
    candidates = fields.Integer()
    recorded_by_name = fields.String()


class RequirementsOut(Output):
    """Hours attended, a test's result in percent, observed sessions of at least so many percent, years it counts."""

    hours = fields.Integer()
    test_percent = fields.Integer()
    observations = fields.Integer()
    observed_percent = fields.Integer()
    years = fields.Integer()


class CandidateStep(Output):
    """Hours in minutes, a test in percent, observed sessions."""

    kind = fields.Code(PROOF_KINDS)
    needed = fields.Integer()
    reached = fields.Integer()
    met = fields.Boolean()


class ProofOut(Output):
    number = fields.Integer()
    kind = fields.Code(PROOF_KINDS)
    on = fields.Day()
    minutes = fields.Integer(allow_none=True)
    percent = fields.Integer(allow_none=True)
    marks = fields.Anything()
    session_id = fields.Id(allow_none=True)
    note = fields.String()
    struck_why = fields.String(allow_none=True)
    recorded_by_name = fields.String()


class CandidateRow(Output):
    id = fields.Id()
    version = fields.Integer()
    trainer_id = fields.Id()
    trainer_name = fields.String()
    steps = fields.List(fields.Nested(CandidateStep))
    earned = fields.Boolean()
    licence_id = fields.Id(allow_none=True)
    licence_number = fields.String(allow_none=True)


class EditionOut(EditionRow):
    requirements = fields.Nested(RequirementsOut)
    people = fields.List(fields.Nested(CandidateRow))


class CandidateEdition(Output):
    id = fields.Id()
    name = fields.String()
    level = fields.Code(LEVELS)
    topics = fields.List(fields.Code(TOPICS))
    starts_on = fields.Day()
    ends_on = fields.Day()
    requirements = fields.Nested(RequirementsOut)


class CandidateOut(CandidateRow):
    edition = fields.Nested(CandidateEdition)
    proofs = fields.List(fields.Nested(ProofOut))


class CandidateIn(Input):
    trainer_id = fields.Id(required=True)


class HoursIn(Input):
    on = fields.Day(required=True)
    minutes = fields.Integer(minimum=1, maximum=1_440, required=True)
    note = fields.String(maximum=400, minimum=0, load_default="")


class TestResultIn(Input):
    on = fields.Day(required=True)
    percent = fields.Integer(maximum=100, required=True)
    note = fields.String(maximum=400, minimum=0, load_default="")


class RubricMarkIn(Input):
    criterion = fields.Code(CRITERIA, required=True)
    points = fields.Integer(maximum=MOST_MARKS, required=True)


class ObservationIn(Input):
    """`session_id`: the session that was observed, where it stands in the plan."""

    on = fields.Day(required=True)
    marks = fields.List(fields.Nested(RubricMarkIn), minimum=1, maximum=len(CRITERIA), required=True)
    session_id = fields.Id(allow_none=True, load_default=None)
    note = fields.String(maximum=400, minimum=0, load_default="")


class StrikeIn(Input):
    why = fields.String(maximum=400, required=True)


class LicenceNamed(Output):
    code = fields.String()
    name = fields.String()


class LicenceLevel(LicenceNamed):
    hours = fields.Integer()
    test_percent = fields.Integer()
    observations = fields.Integer()
    observed_percent = fields.Integer()
    years = fields.Integer()


class LicenceChoices(Output):
    levels = fields.List(fields.Nested(LicenceLevel))
    criteria = fields.List(fields.Nested(LicenceNamed))
    most_marks = fields.Integer()
    topics_with_licence = fields.List(fields.Code(TOPICS))
    valid_from = fields.Day()
    source = fields.String()
