"""What the API reads and answers of case stories, consent to them, and the library."""

from typing import Any

from services.training.api.curriculum_schemas import CurriculumNamedOut
from services.training.models.case_stories import DIMENSIONS, STORY_LINK_STATES, SUBJECT_KINDS, WAYS
from services.training.models.smes import SECTORS
from services.training.reference import csr
from services.training.rules import case_stories as rules
from shared.web import Input, Output, Query, fields

AREAS = tuple(area.code for area in csr.instrument().areas)
_YES_NO = ("yes", "no")


class StoryFigureIn(Input):
    """One figure with where it is from."""

    what = fields.String(maximum=200, required=True)
    value = fields.String(maximum=60, required=True)
    source = fields.String(maximum=200, required=True)


class StoryVersionIn(Input):
    """The story in one language; it may be unfinished until it is handed in."""

    title = fields.String(minimum=0, maximum=160, load_default="")
    situation = fields.String(minimum=0, maximum=4000, load_default="")
    done = fields.String(minimum=0, maximum=4000, load_default="")
    result = fields.String(minimum=0, maximum=4000, load_default="")
    lessons = fields.String(minimum=0, maximum=4000, load_default="")
    figures = fields.List(fields.Nested(StoryFigureIn), maximum=8, load_default=list)


class StoryTextIn(Input):
    """`firm_name` and `person_name` as they want to appear; they are shown only where their owner agrees.
    `material_ids` are of the library.
    """

    unit = fields.String(maximum=6, required=True)
    area = fields.Code(AREAS, allow_none=True, load_default=None)
    dimension = fields.Code(DIMENSIONS, allow_none=True, load_default=None)
    sector = fields.Code(SECTORS, required=True)
    year = fields.Integer(minimum=1990, maximum=2200, required=True)
    firm_name = fields.String(maximum=200, allow_none=True, load_default=None)
    person_name = fields.String(maximum=200, allow_none=True, load_default=None)
    material_ids = fields.List(fields.Id(), maximum=10, load_default=list)
    es = fields.Nested(StoryVersionIn, allow_none=True, load_default=None)
    en = fields.Nested(StoryVersionIn, allow_none=True, load_default=None)


class StoryIn(StoryTextIn):
    subject_kind = fields.Code(SUBJECT_KINDS, required=True)
    subject_id = fields.Id(required=True)


class StoryQuery(Query):
    state = fields.Code(rules.STATES)
    area = fields.Code(AREAS)
    dimension = fields.Code(DIMENSIONS)
    sector = fields.Code(SECTORS)
    subject_kind = fields.Code(SUBJECT_KINDS)
    sme_id = fields.Id()
    unit = fields.String(maximum=6)
    text = fields.String(maximum=100)


class StoryReviewIn(Input):
    outcome = fields.Code(rules.OUTCOMES, required=True)
    recommendations = fields.String(maximum=4000, required=True)


class StoryWithdrawalIn(Input):
    reason = fields.String(maximum=2000, required=True)


class StoryPictureIn(Input):
    """What is seen in the picture, for who cannot see it."""

    seen_es = fields.String(maximum=300, required=True)
    seen_en = fields.String(maximum=300, required=True)


class StoryPaperIn(Input):
    """What the signed paper says of each purpose."""

    said_on = fields.Day(required=True)
    text = fields.Code(_YES_NO, required=True)
    web = fields.Code(_YES_NO, required=True)
    name = fields.Code(_YES_NO, required=True)
    person = fields.Code(_YES_NO, required=True)
    pictures = fields.Code(_YES_NO, required=True)


class StoryTakeBackIn(Input):
    """What the owner, who told the team so, no longer agrees to."""

    purposes = fields.List(fields.Code(rules.PURPOSES), minimum=1, maximum=5, required=True)
    said_on = fields.Day(required=True)


class StoryAnswerIn(Input):
    """What the owner says of each purpose; `seen` is what her page was told she was shown."""

    seen = fields.String(maximum=64, required=True)
    text = fields.Boolean(required=True)
    web = fields.Boolean(required=True)
    name = fields.Boolean(required=True)
    person = fields.Boolean(required=True)
    pictures = fields.Boolean(required=True)


class StoryLinkIn(Input):
    expires_on = fields.Day(required=True)


class StoryRow(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    subject_kind = fields.Code(SUBJECT_KINDS)
    area = fields.Code(AREAS, allow_none=True)
    dimension = fields.Code(DIMENSIONS, allow_none=True)
    sector = fields.Code(SECTORS)
    year = fields.Integer()
    titles = fields.Anything()
    state = fields.Code(rules.STATES)
    since = fields.Day()
    published_on = fields.Day(allow_none=True)
    on_web = fields.Boolean()
    taken_off = fields.String(allow_none=True)
    recorded_by_name = fields.String()


class StoryReviewOut(Output):
    number = fields.Integer()
    outcome = fields.Code(rules.OUTCOMES)
    recommendations = fields.String()
    reviewed_by_name = fields.String()
    reviewed_on = fields.Day()


class StoryPictureOut(Output):
    id = fields.Id()
    seen_es = fields.String()
    seen_en = fields.String()
    allowed = fields.Boolean()


class StoryMaterialOut(CurriculumNamedOut):
    """A material that a story names; `readable`: the caller may read it."""

    readable = fields.Boolean()


class StoryConsentOut(Output):
    id = fields.Id()
    purpose = fields.Code(rules.PURPOSES)
    given = fields.Boolean()
    way = fields.Code(WAYS)
    said_on = fields.Day()
    paper = fields.Boolean()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class StoryOut(StoryRow):
    """`allowed` says by purpose what may be shown today, `names_untold` which names keep it out of the library."""

    subject_id = fields.Id(allow_none=True)
    subject_name = fields.String(allow_none=True)
    firm_name = fields.String(allow_none=True)
    person_name = fields.String(allow_none=True)
    content = fields.Anything()
    worded_on = fields.Day()
    note = fields.String(allow_none=True)
    reviews = fields.List(fields.Nested(StoryReviewOut))
    pictures = fields.List(fields.Nested(StoryPictureOut))
    materials = fields.List(fields.Nested(StoryMaterialOut))
    consents = fields.List(fields.Nested(StoryConsentOut))
    allowed = fields.Anything()
    names_untold = fields.List(fields.String())


class StoryLinkOut(Output):
    id = fields.Id()
    version = fields.Integer()
    story_id = fields.Id()
    state = fields.Code(STORY_LINK_STATES)
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    token = fields.String()


class OwnStoryOut(Output):
    """What an owner reads behind her link, and what she said so far."""

    seen = fields.String()
    state = fields.Code(rules.STATES)
    unit = fields.String()
    expires_on = fields.Day()
    firm_name = fields.String(allow_none=True)
    person_name = fields.String(allow_none=True)
    content = fields.Anything()
    pictures = fields.List(fields.Nested(StoryPictureOut))
    answers = fields.Anything()
    asked = fields.List(fields.String())


class LibraryQuery(Query):
    area = fields.Code(AREAS)
    dimension = fields.Code(DIMENSIONS)
    sector = fields.Code(SECTORS)
    year = fields.Integer(minimum=1990, maximum=2200)
    unit = fields.String(maximum=6)
    text = fields.String(maximum=100)


class LibraryPictureOut(Output):
    id = fields.Id()
    seen_es = fields.String()
    seen_en = fields.String()


class LibraryRow(Output):
    """A published story: names and pictures only where its owner agreed; its municipality only with the firm's name."""

    id = fields.Id()
    subject_kind = fields.Code(SUBJECT_KINDS)
    area = fields.Code(AREAS, allow_none=True)
    dimension = fields.Code(DIMENSIONS, allow_none=True)
    sector = fields.Code(SECTORS)
    country = fields.String()
    unit = fields.String()
    year = fields.Integer()
    published_on = fields.Day()
    on_web = fields.Boolean()
    titles = fields.Anything()
    leads = fields.Anything()
    firm_name = fields.String(allow_none=True)
    person_name = fields.String(allow_none=True)
    pictures = fields.List(fields.Nested(LibraryPictureOut))


class LibraryVersionOut(Output):
    language = fields.Code(rules.LANGUAGES)
    title = fields.String()
    situation = fields.String()
    done = fields.String()
    result = fields.String()
    lessons = fields.String()
    figures = fields.Anything()


class LibraryStoryOut(LibraryRow):
    """`materials`: of those that it names, the ones that the caller may read."""

    materials = fields.List(fields.Nested(CurriculumNamedOut))
    versions = fields.List(fields.Nested(LibraryVersionOut))


class LibraryFacetsOut(Output):
    """How many stories there are, by each code."""

    area = fields.Anything()
    dimension = fields.Anything()
    sector = fields.Anything()
    country = fields.Anything()


def content_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its languages as the one content of a story."""
    rest = {name: value for name, value in body.items() if name not in rules.LANGUAGES}
    return rest | {"content": {language: body[language] for language in rules.LANGUAGES}}
