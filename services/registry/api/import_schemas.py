"""What goes in and out of the API about imports."""

from services.registry.intake.guessing import FIELDS
from shared.web import Input, Output, fields


class ImportForm(Input):
    dry_run = fields.Code(("true", "false"), load_default="false")


class ColumnIn(Input):
    """A column of somebody's own table, and which question it answers."""

    position = fields.Integer(required=True, maximum=701)
    field = fields.Code(FIELDS, required=True)


class MappingIn(Input):
    columns = fields.List(fields.Nested(ColumnIn), required=True, maximum=len(FIELDS))
    dry_run = fields.Boolean(load_default=True)


class ColumnOut(Output):
    """`field` is a guess, or what was told before; None where nothing is guessed."""

    position = fields.Integer()
    header = fields.String()
    samples = fields.List(fields.String())
    field = fields.String(allow_none=True)


class QuestionOut(Output):
    field = fields.String()
    title = fields.String()
    needed = fields.Boolean()


class MappingOut(Output):
    columns = fields.List(fields.Nested(ColumnOut))
    questions = fields.List(fields.Nested(QuestionOut))


class ProblemOut(Output):
    sheet = fields.String(allow_none=True)
    row = fields.Integer(allow_none=True)  # type: ignore[assignment]  # marshmallow takes it out of the class
    column = fields.String(allow_none=True)
    code = fields.String()
    message = fields.String()
    suggestion = fields.String()


class ReportOut(Output):
    """`lowered` are forms that came as validated or rejected, which is for a coordinator to say: they are kept as
    verified or captured.
    """

    records = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    lowered = fields.Integer()
    problems = fields.List(fields.Nested(ProblemOut))


class RefusalOut(Output):
    code = fields.String()
    detail = fields.String()


class UndoOut(Output):
    """Whether an import can be undone: possible, hindered (by what), under_way or undone. `removes` and `restores` are
    the records it created and changed.
    """

    state = fields.String()
    removes = fields.Integer()
    restores = fields.Integer()
    undone_at = fields.Moment(allow_none=True)
    undone_by_name = fields.String(allow_none=True)
    hindrances = fields.List(fields.Nested(RefusalOut))


class ImportRow(Output):
    id = fields.Id()
    state = fields.String()
    dry_run = fields.Boolean()
    file_name = fields.String()
    file_sha256 = fields.String()
    started_by_name = fields.String()
    created_at = fields.Moment()
    finished_at = fields.Moment(allow_none=True)
    records = fields.Integer()
    done = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    problem_count = fields.Integer()
    undone_at = fields.Moment(allow_none=True)


class ImportOut(Output):
    """How an import stands: queued, working, done, failed or cancelled; its report once it is done. One that is
    asking waits for what its columns are (`…/mapping`). What is counted stays in the inventory however the import
    ended, unless it was a dry run.
    """

    id = fields.Id()
    state = fields.String()
    dry_run = fields.Boolean()
    file_name = fields.String()
    file_sha256 = fields.String()
    file_kept = fields.Boolean()
    columns_told = fields.Boolean()
    started_by_name = fields.String()
    created_at = fields.Moment()
    finished_at = fields.Moment(allow_none=True)
    done = fields.Integer()
    records = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    refusal = fields.Nested(RefusalOut, allow_none=True)
    report = fields.Nested(ReportOut, allow_none=True)
    undo = fields.Nested(UndoOut, allow_none=True)
