"""What the API of diplomas reads and answers."""

from services.training.api.schemas import MemberOut, UnitQuery
from services.training.models.diplomas import LINK_STATES, LONGEST_TITLE, REASONS, STATES, SUBJECT_KINDS
from services.training.reference.rounds import LARGEST_GROUP
from services.training.rules.diplomas.award import EARNED, KINDS, LEFT_OUT
from shared.web import Input, Output, fields

LANGUAGES = ("es", "en")
LONGEST_TRAINING = 2_000.0
MOST_GROUPS = 50
MOST_PARTICIPANTS = 1_000


class AttendedIn(Input):
    """A woman and for how many hours she was there."""

    entrepreneur_id = fields.Id(required=True)
    hours = fields.Number(minimum=0, maximum=LONGEST_TRAINING, required=True)


class TaughtIn(Input):
    """A group whose training ended, what its diplomas call it, and its hours (to a tenth). Where `attended` is not
    said, whoever completed the training was there throughout; who is not among them was never there.
    """

    group_id = fields.Id(required=True)
    title = fields.String(maximum=LONGEST_TITLE, required=True)
    hours = fields.Number(minimum=0.5, maximum=LONGEST_TRAINING, required=True)
    attended = fields.List(fields.Nested(AttendedIn), maximum=LARGEST_GROUP)


class BatchIn(Input):
    kind = fields.Code(KINDS, required=True)
    language = fields.Code(LANGUAGES, load_default="es")
    trainings = fields.List(fields.Nested(TaughtIn), minimum=1, maximum=MOST_GROUPS, required=True)


class WorkshopBatchIn(Input):
    """`title`: what the diplomas call the workshop, its own where none is told. `participant_ids`: whom to give one,
    everybody who earned one where nobody is named.
    """

    kind = fields.Code(KINDS, required=True)
    language = fields.Code(LANGUAGES, load_default="es")
    title = fields.String(maximum=LONGEST_TITLE)
    participant_ids = fields.List(fields.Id(), minimum=1, maximum=MOST_PARTICIPANTS)


class ParticipantEarned(Output):
    """`attended`: hours she was there; of each kind of diploma `earned`, or the one reason why not."""

    participant_id = fields.Id()
    name = fields.String()
    sme_name = fields.String()
    attended = fields.String()
    attendance = fields.Code((EARNED, *LEFT_OUT))
    achievement = fields.Code((EARNED, *LEFT_OUT))


class EarnedOut(Output):
    """`hours` of the workshop, and the share of them that a diploma asks for."""

    hours = fields.String()
    share_percent = fields.Integer()
    participants = fields.List(fields.Nested(ParticipantEarned))


class LeftOutOut(MemberOut):
    """Who got no diploma, with the one reason."""

    subject_id = fields.Id()
    reason = fields.Code(LEFT_OUT)
    facts = fields.Anything()


class ParticipantLeftOut(Output):
    """A participant who got no diploma of a workshop, with the one reason."""

    subject_id = fields.Id()
    participant_id = fields.Id()
    name = fields.String(allow_none=True)
    sme_name = fields.String()
    reason = fields.Code(LEFT_OUT)
    facts = fields.Anything()


class BatchOut(Output):
    """`job`: how the printing stands (state, done of total); `has_file`: whether it can be taken home."""

    id = fields.Id()
    kind = fields.Code(KINDS)
    language = fields.Code(LANGUAGES)
    subjects = fields.List(fields.Id())
    issued = fields.Integer()
    left_out = fields.List(fields.Nested(LeftOutOut), maximum=MOST_GROUPS * LARGEST_GROUP)
    participants_left_out = fields.List(fields.Nested(ParticipantLeftOut), maximum=MOST_PARTICIPANTS)
    has_file = fields.Boolean()
    job = fields.Anything(allow_none=True)
    made_by_name = fields.String()
    made_at = fields.Moment()


class DiplomaQuery(UnitQuery):
    kind = fields.Code(KINDS)
    state = fields.Code(STATES)
    number = fields.String(maximum=24)
    subject_id = fields.Id()
    holder_id = fields.Id()
    batch_id = fields.Id()


class DiplomaRow(Output):
    """`name` and `holder_id` are missing where she withdrew from the network."""

    id = fields.Id()
    version = fields.Integer()
    number = fields.String()
    batch_id = fields.Id()
    kind = fields.Code(KINDS)
    subject_kind = fields.Code(SUBJECT_KINDS)
    subject_id = fields.Id()
    municipality = fields.String()
    holder_id = fields.Id(allow_none=True)
    name = fields.String(allow_none=True)
    title = fields.String()
    hours = fields.String()
    attended = fields.String()
    ended_on = fields.Day()
    language = fields.Code(LANGUAGES)
    issued_on = fields.Day()
    issued_by_name = fields.String()
    hash = fields.String()
    replaces_id = fields.Id(allow_none=True)
    state = fields.Code(STATES)
    revoked_on = fields.Day(allow_none=True)
    revoked_reason = fields.Code(REASONS, allow_none=True)


class LinkOut(Output):
    """`token` stands in the address; whoever has it sees the diploma."""

    id = fields.Id()
    version = fields.Integer()
    diploma_id = fields.Id()
    state = fields.Code(LINK_STATES)
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    made_by_name = fields.String()
    made_at = fields.Moment()
    token = fields.String()


class DiplomaOut(DiplomaRow):
    replaced_by = fields.Id(allow_none=True)
    links = fields.List(fields.Nested(LinkOut))


class RevocationIn(Input):
    reason = fields.Code(REASONS, required=True)


class ReissueIn(RevocationIn):
    language = fields.Code(LANGUAGES)


class LinkIn(Input):
    """`expires_on`: the last day it leads there; as long as the rule allows, where none is said."""

    expires_on = fields.Day()


class SharedOut(Output):
    """What the holder of a personal link sees."""

    number = fields.String()
    kind = fields.Code(KINDS)
    name = fields.String()
    title = fields.String()
    hours = fields.String()
    attended = fields.String()
    ended_on = fields.Day()
    issued_on = fields.Day()
    language = fields.Code(LANGUAGES)
    hash = fields.String()


class PayloadIn(Input):
    """What was read from the QR code of a diploma."""

    payload = fields.String(maximum=4_000, required=True)


class OtherPaper(Output):
    number = fields.String()
    hash = fields.String()


class VerificationOut(Output):
    """Reports stand as they were issued; a diploma may have been replaced or revoked since."""

    kind = fields.Code([*(f"diploma_{kind}" for kind in KINDS), "csr_report", "donor_report"])
    title = fields.String()
    number = fields.String()
    issued_on = fields.Day()
    issuer = fields.String()
    standing = fields.Code(("in_force", "replaced", "revoked"))
    standing_since = fields.Day()
    standing_by = fields.Nested(OtherPaper, allow_none=True)


class SaidOut(Output):
    """What the signed words of a diploma say, and how it stands in the register: not there after a restore."""

    number = fields.String()
    kind = fields.Code(KINDS)
    name = fields.String()
    title = fields.String()
    hours = fields.String()
    attended = fields.String()
    ended_on = fields.Day()
    issued_on = fields.Day()
    key = fields.String()
    standing = fields.Nested(VerificationOut, allow_none=True)


class KeyOut(Output):
    """A public key: in hexadecimal, and as the `did:key` that issues its badges."""

    id = fields.String()
    public = fields.String()
    did = fields.String()
