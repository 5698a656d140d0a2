"""Materials of the library are written down, given files, shared by decision, archived; erased only while unused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from services.training.models import LibraryFile, LibraryMaterial, LibraryTerm
from services.training.models.library import TEAM
from services.training.queries.materials import is_used
from services.training.queries.scope import check_units
from services.training.reference import library, rounds
from services.training.rules.library import finding
from services.training.rules.library.documents import is_packed, packed_kind, plain_kept
from services.training.use_cases.finding import locked, recorder, require_near
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7
from shared.sandbox import run_limited

_TOLD = (
    *("unit", "title", "kind", "topics", "dimensions", "chains", "language", "author", "year", "licence", "summary"),
    "link",
)
_SECONDS, _MEMORY_MB = 20, 512


def write_material(session: Session, caller: Caller, facts: Mapping[str, Any]) -> LibraryMaterial:
    """A new material, seen by the teams of its territory. Refuses a place that is not the caller's nor what hers lies
    in, a year to come, and chains that are none.
    """
    made = LibraryMaterial(id=uuid7(), reach=TEAM, files=[], **recorder(caller))
    _describe(session, caller, made, facts)
    session.add(made)
    session.flush()
    _index(session, made)
    history.record(session, caller, subject=made.id, kind="library_material", action="write", after=_plain(made))
    return made


def change_material(
    session: Session, caller: Caller, material_id: UUID, *, version: int | None, facts: Mapping[str, Any]
) -> LibraryMaterial:
    """The material with what is said of it put right; refuses a licence of use narrower than what was decided."""
    found = material_to_change(session, caller, material_id, version)
    before = _plain(found)
    _describe(session, caller, found, facts)
    session.flush()
    _index(session, found)
    history.record(
        session, caller, subject=found.id, kind="library_material", action="change", before=before, after=_plain(found)
    )
    return found


def add_file(
    session: Session, caller: Caller, material_id: UUID, *, version: int | None, name: str, content: bytes, note: str
) -> LibraryMaterial:
    """The material with a newer version of its file; those before stay. Refuses what the library does not take, and the
    file that it has.
    """
    found = material_to_change(session, caller, material_id, version)
    media_type, kept = _checked(content)
    stored = files.store(session, kept, name=name, media_type=media_type, kind="library-material", caller=caller)
    told = {item: getattr(stored, item) for item in ("sha256", "name", "media_type", "size")}
    added = LibraryFile(id=uuid7(), file_id=stored.id, note=note.strip(), **told, **recorder(caller))
    found.add(added, most=library.policy().most_versions)
    session.flush()
    after = {"number": added.number, "sha256": added.sha256}
    history.record(session, caller, subject=found.id, kind="library_material", action="add_file", after=after)
    return found


def share_material(
    session: Session, caller: Caller, material_id: UUID, *, version: int | None, reach: str
) -> LibraryMaterial:
    """The material seen by its teams, the network or anybody; who decided it and when stays with it."""
    found = material_to_change(session, caller, material_id, version)
    before = {"reach": found.reach}
    found.share(reach, caller, widest=library.policy().widest[found.licence])
    return _changed(session, caller, found, "share", before=before, after={"reach": reach})


def archive_material(
    session: Session, caller: Caller, material_id: UUID, *, version: int | None, why: str
) -> LibraryMaterial:
    """The material, offered no more."""
    found = material_to_change(session, caller, material_id, version)
    found.archive(why)
    return _changed(session, caller, found, "archive", after={"why": found.archived_why})


def restore_material(session: Session, caller: Caller, material_id: UUID, *, version: int | None) -> LibraryMaterial:
    """The material, offered again."""
    found = material_to_change(session, caller, material_id, version)
    found.restore()
    return _changed(session, caller, found, "restore")


def erase_material(session: Session, caller: Caller, material_id: UUID, *, version: int | None) -> None:
    """It was written by mistake: it goes with its files. Refused where others see it or something taught names it."""
    found = material_to_change(session, caller, material_id, version)
    if found.reach != TEAM:
        raise Refused("library.shared_stays")
    if is_used(session, found.id):
        raise Refused("library.used_stays")
    kept = [one.file_id for one in found.files]
    session.execute(delete(LibraryTerm).where(LibraryTerm.material_id == found.id))
    session.delete(found)
    session.flush()
    for file_id in kept:
        files.erase(session, file_id)
    history.record(session, caller, subject=material_id, kind="library_material", action="erase", before=_plain(found))


def material_to_change(session: Session, caller: Caller, material_id: UUID, version: int | None) -> LibraryMaterial:
    """A material of the caller's territory or of what it lies in, locked; refuses an old version of it."""
    found = locked(session, LibraryMaterial, material_id, "library.unknown", caller, near=True)
    found.require_version(version)
    return found


def _describe(session: Session, caller: Caller, material: LibraryMaterial, facts: Mapping[str, Any]) -> None:
    check_units([facts["unit"]], pointer="/unit")
    require_near(caller, facts["unit"])
    year = facts["year"]
    if year is not None and year > clock.today().year:
        raise Invalid("library.year_to_come", pointer="/year", year=clock.today().year)
    for name in ("title", "author"):
        if not finding.folded(facts[name]):
            raise Invalid("library.without_letters", pointer=f"/{name}")
    told = {name: facts[name] for name in _TOLD}
    told |= {name: sorted(set(told[name])) for name in ("topics", "dimensions", "chains")}
    with session.no_autoflush:
        material.describe(told, widest=library.policy().widest[told["licence"]])


def _index(session: Session, material: LibraryMaterial) -> None:
    """Have it be found by what is said of it now; rewritten whole, so that nothing it said before finds it."""
    topics = rounds.policy().topics
    named = [topics[code] for code in material.topics if code in topics]
    said = [(finding.TITLE, material.title), (finding.AUTHOR, material.author), (finding.SUMMARY, material.summary)]
    said += [(finding.TOPIC, name) for topic in named for name in topic.names.values()]
    marks = [finding.mark("topic", code) for code in material.topics]
    marks += [finding.mark("dimension", code) for code in material.dimensions]
    marks += [finding.mark("chain", code) for code in material.chains]
    terms = finding.terms_of(said, marks)
    session.execute(delete(LibraryTerm).where(LibraryTerm.material_id == material.id))
    if terms:
        rows = [{"material_id": material.id, "term": term, "weight": weight} for term, weight in sorted(terms.items())]
        session.execute(insert(LibraryTerm), rows)


def _checked(content: bytes) -> tuple[str, bytes]:
    if not content:
        raise Invalid("library.file_empty", pointer="/file")
    if not is_packed(content):
        return plain_kept(content)
    try:
        return run_limited(packed_kind, content, seconds=_SECONDS, memory_mb=_MEMORY_MB), content
    except Invalid as refused:
        if refused.code == "file.cannot_be_read":
            raise Invalid("library.file_damaged", pointer="/file") from None
        raise


def _plain(material: LibraryMaterial) -> dict[str, Any]:
    return {name: getattr(material, name) for name in _TOLD}


def _changed(
    session: Session,
    caller: Caller,
    material: LibraryMaterial,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> LibraryMaterial:
    session.flush()
    told = {"before": before, "after": after}
    history.record(session, caller, subject=material.id, kind="library_material", action=action, **told)
    return material
