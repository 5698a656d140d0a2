"""What goes in and out of the API about pairs that may be one woman, and merges."""

from typing import Any

from services.registry.rules.merging import OF_A_WOMAN, OF_AN_ENTERPRISE, ONE, OTHER, SIDES, UNITED
from shared.web import Input, Output, Query, fields

MOST = 10_000
"""No score comes near it."""

_PLACE = r"[A-Z]{2}([0-9]{2}([0-9]{2})?)?"


def _sides(*names: str) -> dict[str, Any]:
    """For each field the side that is taken: `one`, `other` or, of lists, `both`."""
    return {name: fields.Code(SIDES if name in UNITED else (ONE, OTHER)) for name in names}


class PairQuery(Query):
    """Filters of the queue; without a state those that wait."""

    municipality = fields.String(maximum=6, pattern=_PLACE)
    decision = fields.Code(("same", "look_at"))
    state = fields.Code(("open", "not_duplicates", "merged"))


class WomanInPair(Output):
    id = fields.Id()
    given_names = fields.String()
    surnames = fields.String()
    municipality = fields.String()
    municipality_name = fields.String()
    enterprises = fields.List(fields.String())


class PairRow(Output):
    id = fields.Id()
    version = fields.Integer()
    points = fields.Number(minimum=-MOST, maximum=MOST)
    decision = fields.String()
    state = fields.String()
    one = fields.Nested(WomanInPair)
    other = fields.Nested(WomanInPair)
    found_at = fields.Moment()
    decided_by_name = fields.String(allow_none=True)
    decided_at = fields.Moment(allow_none=True)
    because = fields.String(allow_none=True)


class PairCount(Output):
    """How many wait, and how many of these are certain."""

    open = fields.Integer()
    certain = fields.Integer()


class ReasonOut(Output):
    """One field's part of the score, with its sentence."""

    field = fields.String()
    outcome = fields.String()
    points = fields.Number(minimum=-MOST, maximum=MOST)
    detail = fields.String()


class EnterpriseInPair(Output):
    id = fields.Id()
    name = fields.String()
    municipality = fields.String()
    municipality_name = fields.String()
    validation = fields.String()
    owners = fields.Integer()
    changed_at = fields.Moment()


class WomanOut(Output):
    id = fields.Id()
    version = fields.Integer()
    given_names = fields.String()
    surnames = fields.String()
    municipality = fields.String()
    municipality_name = fields.String()
    merged_into = fields.Id(allow_none=True)
    enterprises = fields.List(fields.Nested(EnterpriseInPair))


class FieldOut(Output):
    """What both records say; `suggested` is the side taken where nobody says otherwise, null where they agree."""

    field = fields.String()
    one = fields.Anything()
    other = fields.Anything()
    suggested = fields.String(allow_none=True)


class AnswerInPair(Output):
    """What each record says about consent, null where she was not asked; a no on either side is a no."""

    purpose = fields.String()
    one = fields.Boolean(allow_none=True)
    other = fields.Boolean(allow_none=True)


class ComparisonOut(Output):
    """Two enterprises that may be one; `alike` where they are taken for one in an automatic merge."""

    one_id = fields.Id()
    other_id = fields.Id()
    preferred = fields.String()
    alike = fields.Boolean()
    said = fields.List(fields.Nested(FieldOut))


class PairOut(Output):
    id = fields.Id()
    version = fields.Integer()
    points = fields.Number(minimum=-MOST, maximum=MOST)
    decision = fields.String()
    detail = fields.String()
    state = fields.String()
    found_at = fields.Moment()
    decided_by_name = fields.String(allow_none=True)
    decided_at = fields.Moment(allow_none=True)
    because = fields.String(allow_none=True)
    merge_id = fields.Id(allow_none=True)
    may_merge = fields.Boolean()
    one = fields.Nested(WomanOut)
    other = fields.Nested(WomanOut)
    reasons = fields.List(fields.Nested(ReasonOut))
    preferred = fields.String(allow_none=True)
    said = fields.List(fields.Nested(FieldOut))
    answers = fields.List(fields.Nested(AnswerInPair))
    comparisons = fields.List(fields.Nested(ComparisonOut))


class ProgressOut(Output):
    done = fields.Integer()
    total = fields.Integer(allow_none=True)


class LeftOutOut(Output):
    rule = fields.String()
    pairs = fields.Integer()
    detail = fields.String()


class SearchOut(Output):
    """The last search; `searching` and `merging` are how far the work under way is."""

    finished_at = fields.Moment(allow_none=True)
    started_by_name = fields.String(allow_none=True)
    thorough = fields.Boolean(allow_none=True)
    records = fields.Integer(allow_none=True)
    compared = fields.Integer(allow_none=True)
    uncompared = fields.Integer(allow_none=True)
    left_out = fields.List(fields.Nested(LeftOutOut))
    searching = fields.Nested(ProgressOut, allow_none=True)
    merging = fields.Nested(ProgressOut, allow_none=True)


class SearchIn(Input):
    """`thorough`: every pair anew, and not only what changed."""

    thorough = fields.Boolean(load_default=False)


class AskedOut(Output):
    job_id = fields.Id()


class ApartIn(Input):
    because = fields.String(maximum=500, required=True)


WomanSides = type("WomanSides", (Input,), {"__doc__": _sides.__doc__, **_sides(*OF_A_WOMAN)})
EnterpriseSides = type(
    "EnterpriseSides", (Input,), {"__doc__": _sides.__doc__, **_sides(*OF_AN_ENTERPRISE, "formalization")}
)


class OneEnterprise(Input):
    """An enterprise of the first woman and one of the second that are one; `stays` is whose record remains."""

    one_id = fields.Id(required=True)
    other_id = fields.Id(required=True)
    stays = fields.Code((ONE, OTHER), allow_none=True, load_default=None)
    sides = fields.Nested(EnterpriseSides, load_default=dict)


class MergeIn(Input):
    """Which record stays, and which side is taken; what is not named is as suggested. The versions are those of the two
    women that were looked at.
    """

    survivor_id = fields.Id(required=True)
    sides = fields.Nested(WomanSides, load_default=dict)
    enterprises = fields.List(fields.Nested(OneEnterprise), maximum=20, load_default=list)
    one_version = fields.Integer(minimum=1, required=True)
    other_version = fields.Integer(minimum=1, required=True)


class MergeRow(Output):
    id = fields.Id()
    version = fields.Integer()
    pair_id = fields.Id(allow_none=True)
    survivor_id = fields.Id()
    absorbed_id = fields.Id()
    survivor = fields.String()
    enterprises = fields.List(fields.String())
    enterprises_merged = fields.Integer()
    municipality_names = fields.List(fields.String())
    automatic = fields.Boolean()
    merged_by_name = fields.String()
    merged_at = fields.Moment()
    undone_at = fields.Moment(allow_none=True)
    undone_by_name = fields.String(allow_none=True)


class HindranceOut(Output):
    code = fields.String()
    detail = fields.String()


class MergeOut(MergeRow):
    hindrance = fields.Nested(HindranceOut, allow_none=True)
