"""The long work of going out: an export is written by the worker, and forgotten after its day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from services.registry.api.filter_schemas import EnterpriseQuery
from services.registry.exchange.formats import FORMATS
from services.registry.queries.records import count_records
from services.registry.queries.seeing import view_for
from services.registry.sealing import Sealer
from services.registry.use_cases import keep_exports
from services.registry.use_cases.export_inventory import stream
from shared import files
from shared.database import Database
from shared.job_runner import Schedule
from shared.jobs import Handler, Job
from shared.kernel import Invalid
from shared.web.schemas import reader

FORGET = "forget-exports"
_MOST_FILTERS = 40

SCHEDULES = (Schedule(FORGET, FORGET, every=timedelta(minutes=15)),)


def filters_of(query: str) -> dict[str, Any]:
    """The filters in a query of `GET /enterprises`, read as strictly."""
    try:
        given = parse_qs(query, strict_parsing=True, max_num_fields=_MOST_FILTERS) if query else {}
    except ValueError:
        raise Invalid("export.filter_unreadable", pointer="/filter") from None
    filters: dict[str, Any] = reader(EnterpriseQuery).from_text(given)
    return filters


@dataclass(frozen=True)
class Exporting:
    """The handlers of what goes out."""

    database: Database
    sealer: Sealer

    def handlers(self) -> dict[str, Handler]:
        return {keep_exports.KIND: self.export, FORGET: _forget}

    def export(self, job: Job) -> Mapping[str, Any]:
        """Write the file, of one moment, and keep it. A kill, a withdrawal or a no meanwhile begins it anew; what an
        attempt has kept is named by its job from the same moment on, so that it can be forgotten.
        """
        with job.reading() as session:
            if keep_exports.kept_since(session, job.checkpoint) is not None:
                return job.checkpoint
            kind, filters = job.payload["format"], filters_of(job.payload["query"])
            total = count_records(session, job.caller, self.sealer, view_for(job.caller), filters)
        job.progress(0, total)
        with files.drafting(self.database) as folder:
            path = folder / f"export{FORMATS[kind].ending}"
            with job.reading() as session:
                records = stream(session, job.caller, self.sealer, filters, kind, path, progress=job.progress)
            with job.transaction() as session:
                keep_exports.lock_export(session, job)
                stored = files.keep(
                    session,
                    path,
                    name=keep_exports.name_of(kind),
                    media_type=FORMATS[kind].media_type,
                    kind=keep_exports.KIND,
                    caller=job.caller,
                )
                told = job.payload["told"]
                keep_exports.record_export(session, job.caller, job.id, kind=kind, told=told, records=records)
                result = {"file": str(stored.id), "records": records, "bytes": stored.size, "name": stored.name}
                job.progress(records, checkpoint=result)
        return result


def _forget(job: Job) -> Mapping[str, Any]:
    with job.transaction() as session:
        return {"erased": keep_exports.forget_old_exports(session)}
