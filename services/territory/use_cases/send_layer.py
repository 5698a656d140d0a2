"""A reference layer is sent, read in the sandbox, and deleted."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.intake.features import MEMORY_MB, SECONDS, read_features
from services.territory.models import LayerFeature, ReferenceLayer
from services.territory.models.layers import READING, READY, ROADS
from services.territory.queries import boundaries
from shared import files, history, jobs, places
from shared.database import insert_many
from shared.identity import Caller
from shared.jobs import Job
from shared.kernel import Invalid, NotFound, Refused
from shared.sandbox import run_limited

READ_JOB = "layers.read"
AT_ONCE = 5_000
_BOX = ("west", "south", "east", "north")


def send_layer(
    session: Session,
    caller: Caller,
    *,
    content: bytes,
    name: str,
    kind: str,
    title: str,
    source: str,
    licence: str,
    units: Sequence[str],
    layer: str | None,
) -> ReferenceLayer:
    """Keep the file and have it read; until then the layer shows nothing. Refuses units that are unknown or outside the
    caller's territory, and the same file of the same kind for the same units a second time.
    """
    if not content:
        raise Invalid("layers.empty", pointer="/file")
    if not units:
        raise Invalid("field.required", pointer="/units")
    for unit in units:
        if unit not in places.names():
            raise Invalid("unit.unknown", pointer="/units", unit=unit[:10])
        caller.require_scope(unit)
    kept = files.store(session, content, name=name, media_type="application/octet-stream", kind="layer", caller=caller)
    _require_new(session, kept.sha256, kind, sorted(set(units)))
    received = ReferenceLayer.received(
        caller, file_id=kept.id, sha256=kept.sha256, units=sorted(set(units)), layer=layer, kind=kind, title=title,
        source=source, licence=licence,
    )  # fmt: skip
    session.add(received)
    session.flush()
    received.await_job(jobs.enqueue(session, READ_JOB, {"id": received.id}, caller))
    after = {"kind": kind, "title": title, "units": sorted(set(units)), "file": kept.name}
    history.record(session, caller, subject=received.id, kind="layer", action="send", after=after)
    return received


def _require_new(session: Session, sha256: str, kind: str, units: list[str]) -> None:
    same = select(ReferenceLayer).where(
        ReferenceLayer.sha256 == sha256, ReferenceLayer.kind == kind, ReferenceLayer.state.in_((READING, READY))
    )
    for other in session.scalars(same):
        if [one.unit for one in other.units] == units:
            raise Refused("layers.sent_already", title=other.title)


def read_layer(job: Job) -> Mapping[str, Any]:
    """The job that reads: what the sandbox says of the file becomes the layer in one transaction; a refusal is kept."""
    layer_id = UUID(job.payload["id"])
    with job.reading() as session:
        found = session.get_one(ReferenceLayer, layer_id)
        content, kind, asked = files.read(session, found.file_id), found.kind, found.asked_layer
        boxes = boxes_of(session, [one.unit for one in found.units])
    job.progress(0, 2)
    try:
        read = read_limited(content, asked, boxes, kind)
    except Refused as refused:
        with job.transaction() as session:
            layer_of(session, layer_id).could_not_be_read(refused.code, jobs.plain(refused.facts))
        raise
    job.progress(1, 2)
    with job.transaction() as session:
        keep_features(session, layer_of(session, layer_id), read)
        job.progress(2, 2)
    return {"features": len(read["features"])}


def keep_features(session: Session, layer: ReferenceLayer, read: Mapping[str, Any]) -> None:
    """The features become those of the layer."""
    session.execute(delete(LayerFeature).where(LayerFeature.layer_id == layer.id))
    names = ("name", "wkb", "properties", *_BOX)
    rows = [
        {"layer_id": layer.id, "number": number, **dict(zip(names, feature, strict=True))}
        for number, feature in enumerate(read["features"], 1)
    ]
    layer.was_read(read["shape"], len(rows), read["report"])
    session.flush()
    for start in range(0, len(rows), AT_ONCE):
        insert_many(session, LayerFeature.__table__, rows[start : start + AT_ONCE])  # type: ignore[arg-type]


def delete_layer(session: Session, caller: Caller, layer_id: UUID, *, version: int | None) -> None:
    """The layer and its file are no more; its history says what it was and who deleted it. Refuses who does not work in
    all of its units, and an old version of it.
    """
    found = layer_of(session, layer_id)
    for one in found.units:
        caller.require_scope(one.unit)
    found.require_version(version)
    before = {"kind": found.kind, "title": found.title, "features": found.features, "source": found.source}
    found.delete()
    session.flush()
    session.execute(delete(LayerFeature).where(LayerFeature.layer_id == found.id))
    files.erase(session, found.file_id)
    history.record(session, caller, subject=found.id, kind="layer", action="delete", before=before)


def layer_of(session: Session, layer_id: UUID) -> ReferenceLayer:
    """The layer, its row locked."""
    found = session.get(ReferenceLayer, layer_id, with_for_update=True)
    if found is None:
        raise NotFound("layers.unknown")
    return found


def boxes_of(session: Session, units: Sequence[str]) -> list[list[float]]:
    """The boxes around units as their boundaries are now."""
    in_force = boundaries.in_force(session)
    return [boundaries.box(in_force, (unit,)) for unit in units]


def read_limited(content: bytes, layer: str | None, boxes: Sequence[Sequence[float]], kind: str) -> dict[str, Any]:
    """What `read_features` returns, from a child process with limits."""
    words = {name: list(told) for name, told in reference.layer_words().items()}
    return run_limited(
        read_features, content, layer, [list(box) for box in boxes], words, kind == ROADS, seconds=SECONDS,
        memory_mb=MEMORY_MB,
    )  # fmt: skip
