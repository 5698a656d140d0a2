"""What the library of materials reads and answers."""

from services.training.models.library import REACHES
from services.training.reference.library import KINDS, LANGUAGES, LICENCES
from services.training.reference.rounds import TOPICS, editions
from shared import places
from shared.events.vocabulary import CHAINS, NEEDS
from shared.web import Input, Output, Query, fields

FAMILIES = tuple(sorted({f"family:{family}" for edition in editions() for family in edition.families.values()}))
_TYPES = (*CHAINS, *FAMILIES)
_LINK = r"https://[^\s\x00-\x1f]+"
_LINE = r"[^\x00-\x1f]+"


class LibraryPublicQuery(Query):
    text = fields.String(maximum=100)
    topic = fields.Code(TOPICS)
    dimension = fields.Code(NEEDS)
    chain = fields.Code(CHAINS)
    language = fields.Code(LANGUAGES)
    kind = fields.Code(KINDS)


class LibraryQuery(LibraryPublicQuery):
    unit = fields.String(maximum=6, pattern=places.UNIT)
    archived = fields.Boolean()


class LibraryMaterialIn(Input):
    """`link`: where it lies on the web; nobody goes there but the reader. Files are sent to `…/files`."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    title = fields.String(maximum=200, pattern=_LINE, required=True)
    kind = fields.Code(KINDS, required=True)
    topics = fields.List(fields.Code(TOPICS), maximum=len(TOPICS), load_default=list)
    dimensions = fields.List(fields.Code(NEEDS), maximum=len(NEEDS), load_default=list)
    chains = fields.List(fields.Code(_TYPES), maximum=len(_TYPES), load_default=list)
    language = fields.Code(LANGUAGES, required=True)
    author = fields.String(maximum=200, pattern=_LINE, required=True)
    year = fields.Integer(minimum=1900, maximum=2200, allow_none=True, load_default=None)
    licence = fields.Code(LICENCES, required=True)
    summary = fields.String(maximum=2_000, minimum=0, load_default="")
    link = fields.String(maximum=500, pattern=_LINK, allow_none=True, load_default=None)


class LibraryFileNote(Input):
    note = fields.String(maximum=400, minimum=0, load_default="")


class LibraryReachIn(Input):
    reach = fields.Code(REACHES, required=True)


class LibraryArchiveIn(Input):
    why = fields.String(maximum=400, required=True)


class LibraryFileOut(Output):
    number = fields.Integer()
    sha256 = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    note = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class LibraryPublicFile(Output):
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()


class _Said(Output):
    id = fields.Id()
    title = fields.String()
    kind = fields.Code(KINDS)
    topics = fields.List(fields.Code(TOPICS))
    dimensions = fields.List(fields.Code(NEEDS))
    chains = fields.List(fields.Code(_TYPES))
    language = fields.Code(LANGUAGES)
    author = fields.String()
    year = fields.Integer(allow_none=True)
    licence = fields.Code(LICENCES)
    summary = fields.String()
    link = fields.String(allow_none=True)


class LibraryPublicRow(_Said):
    """What anybody may see: nothing of who wrote it down."""

    file = fields.Nested(LibraryPublicFile, allow_none=True)


class LibraryMaterialSaid(_Said):
    version = fields.Integer()
    unit = fields.String()
    reach = fields.Code(REACHES)
    reach_by_name = fields.String(allow_none=True)
    reach_on = fields.Day(allow_none=True)
    archived_on = fields.Day(allow_none=True)
    archived_why = fields.String(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class LibraryMaterialRow(LibraryMaterialSaid):
    """`file`: its latest version."""

    file = fields.Nested(LibraryFileOut, allow_none=True)


class LibraryMaterialOut(LibraryMaterialSaid):
    """`files`: every version, the latest first; `uses`: in how many places something teaches with it."""

    files = fields.List(fields.Nested(LibraryFileOut))
    uses = fields.Integer()


class LibraryNamed(Output):
    code = fields.String()
    name = fields.String()


class LibraryLicence(LibraryNamed):
    widest = fields.Code(REACHES)


class LibraryChoices(Output):
    kinds = fields.List(fields.Nested(LibraryNamed))
    licences = fields.List(fields.Nested(LibraryLicence))
    languages = fields.List(fields.Nested(LibraryNamed))
    topics = fields.List(fields.Nested(LibraryNamed))
    families = fields.List(fields.Code(FAMILIES))
    file_megabytes = fields.Integer()
    valid_from = fields.Day()
    source = fields.String()
