"""What the API reads and answers of the community of practice."""

from services.training.api.curriculum_schemas import CurriculumNamedOut
from services.training.models.community import CONTRIBUTION_STATES, DECLINED, OUTCOMES, RESOURCE_KINDS, SHOWN
from services.training.reference.community import space_codes
from shared.web import Input, Output, Query, fields

SPACES = space_codes()
POST_STATES = ("shown", "hidden", "deleted")
_ADDRESS = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s<>\"'\\^`{|}]*)?"


class CommunityTopicIn(Input):
    space = fields.Code(SPACES, required=True)
    title = fields.String(maximum=160, required=True)
    text = fields.String(maximum=8000, required=True)


class CommunityTopicQuery(Query):
    space = fields.Code(SPACES)
    text = fields.String(maximum=100)
    followed = fields.Boolean()
    unread = fields.Boolean()


class CommunityPostIn(Input):
    text = fields.String(maximum=8000, required=True)


class TopicKeepIn(Input):
    locked = fields.Boolean(required=True)
    pinned = fields.Boolean(required=True)


class TopicFirmsIn(Input):
    """A territory, `*` for all of them; None where members alone read the topic."""

    unit = fields.String(maximum=6, allow_none=True, required=True)


class TopicReadIn(Input):
    number = fields.Integer(minimum=0, required=True)


class TopicFollowIn(Input):
    follows = fields.Boolean(required=True)


class CommunityReasonIn(Input):
    reason = fields.String(maximum=1000, required=True)


class CommunitySettlementIn(Input):
    """`reason` is told to who wrote it, where it is hidden."""

    outcome = fields.Code(OUTCOMES, required=True)
    reason = fields.String(maximum=1000, allow_none=True, load_default=None)


class CommunityLinkIn(Input):
    space = fields.Code(SPACES, required=True)
    title = fields.String(maximum=160, required=True)
    about = fields.String(minimum=0, maximum=1000, load_default="")
    address = fields.String(maximum=500, pattern=_ADDRESS, required=True)


class CommunityFileIn(Input):
    space = fields.Code(SPACES, required=True)
    title = fields.String(maximum=160, required=True)
    about = fields.String(minimum=0, maximum=1000, load_default="")


class CommunityMaterialIn(Input):
    """`material_id` is of the library; the resource bears its title."""

    space = fields.Code(SPACES, required=True)
    material_id = fields.Id(required=True)
    about = fields.String(minimum=0, maximum=1000, load_default="")


class CommunityResourceQuery(Query):
    space = fields.Code(SPACES)
    text = fields.String(maximum=100)


class CommunityReportQuery(Query):
    open = fields.Boolean()


class CommunitySpaceOut(Output):
    code = fields.Code(SPACES)
    words = fields.Anything()
    topics = fields.Integer()


class CommunityTopicOut(Output):
    """`posts` counts what was ever written in it; `unread` what the caller has not read."""

    id = fields.Id()
    version = fields.Integer()
    space = fields.Code(SPACES)
    title = fields.String()
    locked = fields.Boolean()
    pinned = fields.Boolean()
    hidden = fields.Boolean()
    posts = fields.Integer()
    last_at = fields.Moment()
    last_by_name = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    firms_unit = fields.String(allow_none=True)
    follows = fields.Boolean()
    read_number = fields.Integer()
    unread = fields.Integer()


class CommunityFileOut(Output):
    id = fields.Id()
    name = fields.String()
    size = fields.Integer()


class CommunityEditOut(Output):
    text = fields.String()
    replaced_at = fields.Moment()


class CommunityPostOut(Output):
    """`text` is None where the caller may not read it; what it said before is told to moderators."""

    id = fields.Id()
    version = fields.Integer()
    topic_id = fields.Id()
    number = fields.Integer()
    state = fields.Code(POST_STATES)
    text = fields.String(allow_none=True)
    role = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    edited_at = fields.Moment(allow_none=True)
    mine = fields.Boolean()
    hidden_by_name = fields.String(allow_none=True)
    hidden_reason = fields.String(allow_none=True)
    edits = fields.List(fields.Nested(CommunityEditOut))
    files = fields.List(fields.Nested(CommunityFileOut))


class CommunityReadingOut(Output):
    number = fields.Integer()
    follows = fields.Boolean()


class CommunityReportOut(Output):
    id = fields.Id()
    title = fields.String()
    reason = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    outcome = fields.Code(OUTCOMES, allow_none=True)
    settled_at = fields.Moment(allow_none=True)
    settled_by_name = fields.String(allow_none=True)
    post = fields.Nested(CommunityPostOut)


class CommunityReportedOut(Output):
    id = fields.Id()


class CommunityResourceOut(Output):
    id = fields.Id()
    version = fields.Integer()
    space = fields.Code(SPACES)
    kind = fields.Code(RESOURCE_KINDS)
    title = fields.String()
    about = fields.String()
    address = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    material = fields.Nested(CurriculumNamedOut, allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    hidden_at = fields.Moment(allow_none=True)
    hidden_by_name = fields.String(allow_none=True)
    hidden_reason = fields.String(allow_none=True)


class CommunityWaitingOut(Output):
    topics = fields.Integer()
    reports = fields.Integer()
    contributions = fields.Integer()


class FirmContributionIn(Input):
    """A reply to `topic_id`, or with a `title` a topic of its own."""

    topic_id = fields.Id(allow_none=True, load_default=None)
    title = fields.String(maximum=160, allow_none=True, load_default=None)
    text = fields.String(maximum=8000, required=True)


class FirmContributionQuery(Query):
    waiting = fields.Boolean()


class FirmDecisionIn(Input):
    """`reason` is told to the firm, where it is declined."""

    outcome = fields.Code((SHOWN, DECLINED), required=True)
    reason = fields.String(maximum=1000, allow_none=True, load_default=None)


class FirmOwnContributionOut(Output):
    """`opens`: it opens a topic; `title` is that of the topic."""

    id = fields.Id()
    version = fields.Integer()
    topic_id = fields.Id(allow_none=True)
    title = fields.String()
    opens = fields.Boolean()
    text = fields.String()
    state = fields.Code(CONTRIBUTION_STATES)
    reason = fields.String(allow_none=True)
    recorded_at = fields.Moment()


class FirmContributionOut(FirmOwnContributionOut):
    sme_name = fields.String()
    unit = fields.String()
    decided_at = fields.Moment(allow_none=True)
    decided_by_name = fields.String(allow_none=True)


class FirmTopicOut(Output):
    """A topic as a firm reads it."""

    id = fields.Id()
    title = fields.String()
    locked = fields.Boolean()
    pinned = fields.Boolean()
    posts = fields.Integer()
    last_at = fields.Moment()
    follows = fields.Boolean()
    read_number = fields.Integer()
    unread = fields.Integer()


class FirmPostOut(Output):
    """A post as a firm reads it: `firm_name` where a firm wrote it, else only the role of who did."""

    id = fields.Id()
    number = fields.Integer()
    state = fields.Code(POST_STATES)
    role = fields.String()
    firm_name = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    recorded_at = fields.Moment()
    mine = fields.Boolean()
