"""Whole records, as exports write them and as what is brought back is compared with: many at once, plain rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import Column, Select, func, select
from sqlalchemy.orm import Session

from services.registry.codes import activities
from services.registry.exchange.columns import MAIN, Shape, shape_of
from services.registry.exchange.prints import brought_otherwise, print_of
from services.registry.models import (
    Consent,
    Enterprise,
    Entrepreneur,
    FormalStep,
    OfferedProduct,
    Owner,
    Submission,
    Tag,
    TradePartner,
)
from services.registry.queries.filters import narrowed
from services.registry.queries.seeing import shown_to
from services.registry.rules import national_ids
from services.registry.rules.inventory import DIFFICULTIES
from services.registry.rules.visibility import View
from services.registry.sealing import Sealer, step_key
from shared import places
from shared.identity import Caller
from shared.masking import masked_point

Record: TypeAlias = dict[str, list[dict[str, Any]]]
"""One enterprise: its row under `MAIN`, its parts by their names; values are plain Python values."""

OWN_IDENTITY = "csem:"
"""Before the id of a record, the identity of one that came back from an export and never had a field form."""

_BATCH = 1_000
_SAID = (
    *("id", "name", "municipality", "derived_municipality", "place_state", "place_boundaries", "snapped_m"),
    *("lon", "lat"),
    *("accuracy_m", "point_source", "site", "activity", "chain", "chain_declared", "started_year", "jobs_women"),
    *("jobs_men", "sales_minor", "currency", "formal", "validation", "consent_registry", "consent_credit"),
    *("consent_map", "recorded_on", "ownership", "address", "unpaid_women", "unpaid_men", "sales_band", "assets"),
    *("checked_on", "tier"),
)
_WOMAN = (
    *("given_names", "surnames", "id_kind", "id_sealed", "born_on", "phone", "other_phone", "languages", "people"),
    *("schooling", "dependants", "children_under_6", "others_in_care", "care_hours", "head_of_household"),
    *("difficulties", "id_confirmed_on", "id_confirmed_by", "id_confirmed_by_name", "id_confirmed_because"),
)


def _columns(entity: Any, names: Iterable[str]) -> list[Column[Any]]:
    """Columns of the table: rows of these pass no mapper."""
    return [entity.__table__.c[name] for name in names]


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    result = session.connection().execute(statement)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def count_records(session: Session, caller: Caller, sealer: Sealer, view: View, filters: Mapping[str, Any]) -> int:
    """How many records the filter shows."""
    counting = select(func.count()).select_from(Enterprise)
    counted = narrowed(session, counting, caller, view, filters, sealer=sealer)
    return session.scalar(counted) or 0


def stream_records(
    session: Session, caller: Caller, sealer: Sealer, view: View, filters: Mapping[str, Any]
) -> Iterator[list[Record]]:
    """All records that the filter shows this caller, in the order of their ids, some at a time."""
    said = select(*_columns(Enterprise, _SAID))
    statement = narrowed(session, said, caller, view, filters, sealer=sealer)
    statement = statement.order_by(Enterprise.id).limit(_BATCH)
    after: UUID | None = None
    while True:
        here = statement if after is None else statement.where(Enterprise.id > after)
        rows = _rows(session, here)
        if not rows:
            return
        yield _Batch(session, caller, sealer, view, rows).records()
        after = rows[-1]["id"]


def whole_records(session: Session, caller: Caller, sealer: Sealer, view: View, ids: Sequence[UUID]) -> list[Record]:
    """These records as this view shows them, whatever their owners agree to."""
    rows = _rows(session, select(*_columns(Enterprise, _SAID)).where(Enterprise.id.in_(ids)))
    return _Batch(session, caller, sealer, view, rows).records()


class _Batch:
    """Some enterprises and, a query for each kind, what belongs to them."""

    def __init__(
        self, session: Session, caller: Caller, sealer: Sealer, view: View, rows: list[dict[str, Any]]
    ) -> None:
        self._session, self._caller, self._sealer, self._view = session, caller, sealer, view
        self._shape: Shape = shape_of(view)
        self._rows = rows
        self._ids = [row["id"] for row in rows]

    def records(self) -> list[Record]:
        told = self._shape.parts
        tags = self._tags()
        owners = self._owners() if "otras_duenas" in told else {}
        parts = {"productos": self._products(), "socios": self._partners(), "formalizacion": self._steps()}
        if "consentimientos" in told:
            parts["consentimientos"] = self._consents(owners)
        forms = self._forms() if "fichas" in told else {}
        found = []
        for row in self._rows:
            key = row["id"]
            mine = owners.get(key, [])
            self._describe(row, tags.get(key, {}), mine)
            record: Record = {MAIN: [row], "otras_duenas": mine[1:]}
            record |= {name: of.get(key, []) for name, of in parts.items()}
            record["bienes"] = row.pop("assets")
            record["fichas"] = [
                {"identity": form["identity"], "woman_id": form["woman_id"], "brought": brought_otherwise(form, record)}
                for form in forms.get(key, [])
            ]
            found.append(self._seen(record))
        return found

    def _describe(self, row: dict[str, Any], tags: Mapping[str, list[str]], owners: list[dict[str, Any]]) -> None:
        for kind in ("link", "need", "market"):
            row[kind] = sorted(tags.get(kind, ()))
        row["municipality_name"] = places.full_name(row["municipality"])
        division = places.divisions_2024().get(row["municipality"])
        row["division_2024"] = None if division is None else division.name
        activity = activities().get(row["activity"] or "")
        row["activity_title"] = None if activity is None else activity.title
        self._point(row)
        if owners:
            row |= owners[0]

    def _point(self, row: dict[str, Any]) -> None:
        if row["lon"] is None or row["lat"] is None:
            row["point"] = "none"
        elif self._view.exact_point:
            row["point"] = "exact"
        elif row["consent_map"]:
            row["point"] = "masked"
            row["lon"], row["lat"] = masked_point(row["id"], row["lon"], row["lat"])
        else:
            row["point"], row["lon"], row["lat"] = "not_shared", None, None

    def _seen(self, record: Record) -> Record:
        """Only what the view has columns for; of a whole record, its seal too."""
        shape = self._shape
        row = record[MAIN][0]
        seen: Record = {MAIN: [{column.key: row.get(column.key) for column in shape.main}]}
        for name, columns in shape.parts.items():
            items = record.get(name, [])
            seen[name] = [{column.key: item.get(column.key) for column in columns} for item in items]
        if shape.whole:
            seen[MAIN][0]["seal"] = print_of(seen)
        return seen

    def _of(self, statement: Select[*tuple[Any, ...]], key: str = "enterprise_id") -> dict[UUID, list[dict[str, Any]]]:
        found: dict[UUID, list[dict[str, Any]]] = {}
        for item in _rows(self._session, statement):
            found.setdefault(item.pop(key), []).append(item)
        return found

    def _tags(self) -> dict[UUID, dict[str, list[str]]]:
        tags: dict[UUID, dict[str, list[str]]] = {}
        rows = self._session.execute(
            select(Tag.enterprise_id, Tag.kind, Tag.code).where(Tag.enterprise_id.in_(self._ids))
        )
        for key, kind, code in rows:
            tags.setdefault(key, {}).setdefault(kind, []).append(code)
        return tags

    def _owners(self) -> dict[UUID, list[dict[str, Any]]]:
        names = [name for name in _WOMAN if name != "id_sealed" or self._view.document]
        owned = (
            select(Owner.enterprise_id, Entrepreneur.id.label("woman_id"), *_columns(Entrepreneur, names))
            .join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id)
            .where(Owner.enterprise_id.in_(self._ids))
            .order_by(Owner.enterprise_id, Owner.rank)
        )
        found = self._of(owned)
        for woman in (woman for women in found.values() for woman in women):
            sealed = woman.pop("id_sealed", None)
            woman["id_number"] = self._number(sealed, woman["woman_id"].bytes)
            woman.update(dict.fromkeys(DIFFICULTIES) | (woman.pop("difficulties") or {}))
        return found

    def _number(self, sealed: bytes | None, belongs_to: bytes) -> str | None:
        if sealed is None:
            return None
        number = self._sealer.opened(sealed, belongs_to).decode()
        return number if self._view.document == "full" else national_ids.masked(number)

    def _products(self) -> dict[UUID, list[dict[str, Any]]]:
        offered = select(
            *_columns(
                OfferedProduct,
                ("enterprise_id", "name", "unit", "price_minor", "currency", "volume", "period", "months"),
            )
        )
        return self._of(
            offered.where(OfferedProduct.enterprise_id.in_(self._ids)).order_by(
                OfferedProduct.enterprise_id, OfferedProduct.rank
            )
        )

    def _partners(self) -> dict[UUID, list[dict[str, Any]]]:
        """Suppliers and buyers; a registered one by its name where its record is there for the caller too."""
        wanted = ("enterprise_id", "side", "kind", "partner_id", "name", "share", "product")
        found = self._of(
            select(*_columns(TradePartner, wanted))
            .where(TradePartner.enterprise_id.in_(self._ids))
            .order_by(TradePartner.enterprise_id, TradePartner.rank)
        )
        known = {item["partner_id"] for items in found.values() for item in items} - {None}
        names: dict[UUID, str] = {}
        if known and self._view.names:
            shown = select(Enterprise.id, Enterprise.name).where(
                Enterprise.id.in_(known),
                Enterprise.active,
                self._caller.scope.condition(Enterprise.municipality),
                *shown_to(self._view),
            )
            names = {key: name for key, name in self._session.execute(shown)}  # noqa: C416 - rows are no pairs
        for item in (item for items in found.values() for item in items):
            if item["partner_id"] is not None:
                item["name"] = names.get(item["partner_id"])
        return found

    def _steps(self) -> dict[UUID, list[dict[str, Any]]]:
        names = ("enterprise_id", "step", "state", "happened_on", "number_sealed", "number_masked")
        found = self._of(
            select(*_columns(FormalStep, names))
            .where(FormalStep.enterprise_id.in_(self._ids))
            .order_by(FormalStep.enterprise_id, FormalStep.step)
        )
        for key, items in found.items():
            for item in items:
                sealed, item["number"] = item.pop("number_sealed"), item.pop("number_masked")
                if sealed is not None and self._view.document == "full":
                    item["number"] = self._sealer.opened(sealed, step_key(key, item["step"])).decode()
        return found

    def _consents(self, owners: Mapping[UUID, list[dict[str, Any]]]) -> dict[UUID, list[dict[str, Any]]]:
        women = {woman["woman_id"] for mine in owners.values() for woman in mine}
        answers = self._of(
            select(
                Consent.entrepreneur_id,
                Consent.entrepreneur_id.label("woman_id"),
                *_columns(Consent, ("purpose", "granted", "given_on", "channel")),
            )
            .where(Consent.entrepreneur_id.in_(women))
            .order_by(Consent.entrepreneur_id, Consent.id),
            "entrepreneur_id",
        )
        return {
            key: [answer for woman in mine for answer in answers.get(woman["woman_id"], [])]
            for key, mine in owners.items()
        }

    def _forms(self) -> dict[UUID, list[dict[str, Any]]]:
        """The field forms each came from, with what the last import of each brought."""
        found = self._of(
            select(
                Submission.enterprise_id,
                Submission.identity,
                Submission.entrepreneur_id.label("woman_id"),
                Submission.sealed,
            )
            .where(Submission.enterprise_id.in_(self._ids), Submission.identity.not_like(f"{OWN_IDENTITY}%"))
            .order_by(Submission.enterprise_id, Submission.identity)
        )
        for form in (form for forms in found.values() for form in forms):
            sealed = form.pop("sealed")
            form["brought"] = None
            if sealed is not None:
                form["brought"] = orjson.loads(self._sealer.opened(sealed, form["identity"].encode()))
        return found
