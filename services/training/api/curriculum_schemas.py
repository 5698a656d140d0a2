"""What is told and asked of curricula, their versions and modules, and of who speaks through a link."""

from services.training.models.curriculum_voices import ANSWERS, CONTRIBUTION_STATES, LINK_STATES
from services.training.reference.curricula import METHODS, TYPES
from services.training.reference.library import KINDS
from services.training.reference.rounds import LANGUAGES, TOPICS
from services.training.rules.curricula import VERSION_STATES, VOICES
from shared import places
from shared.events.vocabulary import NEEDS
from shared.web import Input, Output, Query, fields

_LINK = r"https://[^\s/]+[^\s]*"
HASH = r"[0-9a-f]{64}"


class CurriculaQuery(Query):
    """`state`: that some version of it is in."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    topic = fields.Code(TOPICS)
    type = fields.Code(TYPES)
    language = fields.Code(LANGUAGES)
    state = fields.Code(VERSION_STATES)
    text = fields.String(maximum=100, minimum=0)


class CurriculumHeadIn(Input):
    """`type`: a value chain, a family of chains, or any."""

    title = fields.String(maximum=160, required=True)
    topic = fields.Code(TOPICS, required=True)
    type = fields.Code(TYPES, required=True)
    language = fields.Code(LANGUAGES, required=True)


class CurriculumIn(CurriculumHeadIn):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)


class CurriculumRevisionIn(Input):
    """`change`: what the new version changes, and why."""

    change = fields.String(maximum=2_000, required=True)


class CurriculumMaterialIn(Input):
    title = fields.String(maximum=200, required=True)
    link = fields.String(maximum=1_000, pattern=_LINK, required=True)


class CurriculumModuleIn(Input):
    """`minutes` are whole quarters of an hour; files are sent one by one; `material_ids` are of the library."""

    title = fields.String(maximum=160, required=True)
    objectives = fields.String(maximum=4_000, required=True)
    contents = fields.String(maximum=8_000, minimum=0, load_default="")
    methods = fields.List(fields.Code(METHODS), minimum=1, maximum=len(METHODS), required=True)
    minutes = fields.Integer(minimum=15, maximum=100_000, required=True)
    links = fields.List(fields.Nested(CurriculumMaterialIn), maximum=20, load_default=list)
    material_ids = fields.List(fields.Id(), maximum=20, load_default=list)


class ModulePlaceIn(Input):
    position = fields.Integer(minimum=1, maximum=1_000, required=True)


class CurriculumWithdrawalIn(Input):
    reason = fields.String(maximum=2_000, required=True)


class ContributionIn(Input):
    voice = fields.Code(VOICES, required=True)
    text = fields.String(maximum=4_000, required=True)
    module_id = fields.Id(load_default=None, allow_none=True)


class ContributionAnswerIn(Input):
    state = fields.Code(ANSWERS, required=True)
    answer = fields.String(maximum=2_000, required=True)


class AcceptanceIn(Input):
    """`content_hash`: of what was read, as the version tells it."""

    voice = fields.Code(VOICES, required=True)
    content_hash = fields.String(maximum=64, pattern=HASH, required=True)


class CurriculumLinkIn(Input):
    """Of a woman her group and id; of an expert or teacher without an account her name."""

    voice = fields.Code(VOICES, required=True)
    expires_on = fields.Day(required=True)
    group_id = fields.Id(load_default=None, allow_none=True)
    entrepreneur_id = fields.Id(load_default=None, allow_none=True)
    name = fields.String(maximum=200, load_default=None, allow_none=True)


class OwnContributionIn(Input):
    text = fields.String(maximum=4_000, required=True)
    module_id = fields.Id(load_default=None, allow_none=True)


class OwnAcceptanceIn(Input):
    content_hash = fields.String(maximum=64, pattern=HASH, required=True)


class OwnSubjectIn(Input):
    subject = fields.String(maximum=120, required=True)


class GroupCurriculumIn(Input):
    version_id = fields.Id(required=True)


class CurriculumChoiceOut(Output):
    code = fields.String()
    name = fields.String()


class CurriculumTopicOut(CurriculumChoiceOut):
    """`need`: the need that it answers."""

    need = fields.Code(NEEDS)


class CurriculumChoicesOut(Output):
    topics = fields.List(fields.Nested(CurriculumTopicOut))
    languages = fields.List(fields.Nested(CurriculumChoiceOut))
    methods = fields.List(fields.Nested(CurriculumChoiceOut))
    forms = fields.List(fields.Nested(CurriculumChoiceOut))


class CurriculumVersionRow(Output):
    """`lacking`: the voices that have not accepted it yet for any group; `groups` learn by it now, everywhere."""

    id = fields.Id()
    version = fields.Integer()
    curriculum_id = fields.Id()
    number = fields.Integer()
    state = fields.Code(VERSION_STATES)
    change = fields.String()
    content_hash = fields.String(allow_none=True)
    proposed_at = fields.Moment(allow_none=True)
    proposed_by_name = fields.String(allow_none=True)
    accepted_on = fields.Day(allow_none=True)
    ended_on = fields.Day(allow_none=True)
    ended_reason = fields.String(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    modules = fields.Integer()
    minutes = fields.Integer()
    groups = fields.Integer()
    lacking = fields.List(fields.Code(VOICES))


class _Head(Output):
    unit = fields.String()
    title = fields.String()
    topic = fields.Code(TOPICS)
    type = fields.Code(TYPES)
    language = fields.Code(LANGUAGES)


class CurriculumRow(_Head):
    """`offered`: the latest version that can be chosen for a group."""

    id = fields.Id()
    version = fields.Integer()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    latest = fields.Nested(CurriculumVersionRow)
    offered = fields.Nested(CurriculumVersionRow, allow_none=True)


class CurriculumOut(_Head):
    """`may_write`: whether it is of the caller's territory."""

    id = fields.Id()
    version = fields.Integer()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    may_write = fields.Boolean()
    versions = fields.List(fields.Nested(CurriculumVersionRow))


class CurriculumMaterialOut(Output):
    title = fields.String()
    link = fields.String()


class CurriculumNamedOut(Output):
    """A material of the library. `public`: anybody may read it now; who comes by a link sees of others the title."""

    id = fields.Id()
    title = fields.String()
    kind = fields.Code(KINDS)
    language = fields.String()
    link = fields.String(allow_none=True)
    file_number = fields.Integer(allow_none=True)
    archived_on = fields.Day(allow_none=True)
    public = fields.Boolean()


class CurriculumFileOut(Output):
    id = fields.Id()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()


class CurriculumModuleOut(Output):
    id = fields.Id()
    position = fields.Integer()
    title = fields.String()
    objectives = fields.String()
    contents = fields.String()
    methods = fields.List(fields.Code(METHODS))
    minutes = fields.Integer()
    links = fields.List(fields.Nested(CurriculumMaterialOut))
    files = fields.List(fields.Nested(CurriculumFileOut))
    materials = fields.List(fields.Nested(CurriculumNamedOut))


class VoiceOut(Output):
    """Who spoke: `name` of somebody of the team or from outside as written down, of a woman as the registry shows it to
    the caller.
    """

    id = fields.Id()
    voice = fields.Code(VOICES)
    name = fields.String(allow_none=True)
    group_id = fields.Id(allow_none=True)
    group_number = fields.Integer(allow_none=True)
    group_name = fields.String(allow_none=True)
    at = fields.Moment()


class ContributionOut(VoiceOut):
    module_id = fields.Id(allow_none=True)
    text = fields.String()
    state = fields.Code(CONTRIBUTION_STATES)
    answer = fields.String()
    answered_by_name = fields.String(allow_none=True)
    answered_at = fields.Moment(allow_none=True)


class LearningGroupOut(Output):
    """`accepted`: whether an entrepreneur of this group accepted the version."""

    id = fields.Id()
    number = fields.Integer()
    name = fields.String()
    accepted = fields.Boolean()


class CurriculumVersionOut(_Head):
    id = fields.Id()
    version = fields.Integer()
    curriculum_id = fields.Id()
    number = fields.Integer()
    state = fields.Code(VERSION_STATES)
    change = fields.String()
    content_hash = fields.String(allow_none=True)
    proposed_at = fields.Moment(allow_none=True)
    proposed_by_name = fields.String(allow_none=True)
    accepted_on = fields.Day(allow_none=True)
    ended_on = fields.Day(allow_none=True)
    ended_reason = fields.String(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    may_write = fields.Boolean()
    minutes = fields.Integer()
    modules = fields.List(fields.Nested(CurriculumModuleOut))
    acceptances = fields.List(fields.Nested(VoiceOut))
    lacking = fields.List(fields.Code(VOICES))
    contributions = fields.List(fields.Nested(ContributionOut))
    groups = fields.List(fields.Nested(LearningGroupOut))


class CurriculumLinkOut(Output):
    id = fields.Id()
    version = fields.Integer()
    version_id = fields.Id()
    voice = fields.Code(VOICES)
    name = fields.String(allow_none=True)
    group_id = fields.Id(allow_none=True)
    group_number = fields.Integer(allow_none=True)
    group_name = fields.String(allow_none=True)
    state = fields.Code(LINK_STATES)
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    token = fields.String()


class OwnContributionOut(Output):
    id = fields.Id()
    module_id = fields.Id(allow_none=True)
    text = fields.String()
    state = fields.Code(CONTRIBUTION_STATES)
    answer = fields.String()
    at = fields.Moment()


class OwnCurriculumOut(Output):
    """What the holder of a link reads; nobody else is named in it."""

    title = fields.String()
    topic = fields.Code(TOPICS)
    type = fields.Code(TYPES)
    language = fields.Code(LANGUAGES)
    version_id = fields.Id()
    number = fields.Integer()
    state = fields.Code(VERSION_STATES)
    change = fields.String()
    content_hash = fields.String(allow_none=True)
    minutes = fields.Integer()
    ended_on = fields.Day(allow_none=True)
    voice = fields.Code(VOICES)
    holder_name = fields.String(allow_none=True)
    group_name = fields.String(allow_none=True)
    expires_on = fields.Day()
    modules = fields.List(fields.Nested(CurriculumModuleOut))
    contributions = fields.List(fields.Nested(OwnContributionOut))
    asked = fields.List(fields.String())
    accepted_at = fields.Moment(allow_none=True)
    accepted_by_her = fields.Boolean()
    may_accept = fields.Boolean()


class TaughtModuleOut(CurriculumModuleOut):
    planned_minutes = fields.Integer()
    held_minutes = fields.Integer()


class TaughtCurriculumOut(Output):
    """`taught`: whether sessions may teach its modules now; if not, `lacking` says whose acceptance is missing for this
    group. `other_minutes`: planned without a module of it.
    """

    curriculum_id = fields.Id()
    version_id = fields.Id()
    title = fields.String()
    number = fields.Integer()
    state = fields.Code(VERSION_STATES)
    minutes = fields.Integer()
    planned_minutes = fields.Integer()
    held_minutes = fields.Integer()
    other_minutes = fields.Integer()
    chosen_at = fields.Moment()
    chosen_by_name = fields.String()
    acceptances = fields.List(fields.Nested(VoiceOut))
    lacking = fields.List(fields.Code(VOICES))
    taught = fields.Boolean()
    modules = fields.List(fields.Nested(TaughtModuleOut))


class GroupCurriculumOut(Output):
    group_id = fields.Id()
    curriculum = fields.Nested(TaughtCurriculumOut, allow_none=True)
