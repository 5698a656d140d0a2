"""The instruments of a fund, line by line: editions of the regulations, Agreement Letters, and what changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    AgreementLetter,
    CreditRegulations,
    TakenBackEdition,
    TrustFund,
    agreement_in_force,
    regulations_in_force,
)
from services.credit.rules import comparison, regulations
from services.credit.rules.demands import too_large
from services.credit.tables import reference_tables
from shared import files
from shared.kernel import Invalid, Refused, clock


def edition(session: Session, fund: TrustFund, row: CreditRegulations) -> dict[str, Any]:
    """One edition with each of its lines, where its section says that it comes from (None where it does not) and since
    when it has stood unchanged.
    """
    earlier = _editions(session, fund, row)
    since = _since(earlier)
    names = ("id", "edition", "title", "source", "valid_from", "signatories", "parameters", "recorded_at")
    return {
        **{name: getattr(row, name) for name in names},
        "in_force": _in_force(session, fund) == row.id,
        "file": file_of(session, row.file_id),
        "lines": [
            {
                "path": path,
                "value": value,
                "since": since[path],
                "source": regulations.source_of(row.parameters, path.split("/")[1]),
            }
            for path, value in comparison.lines(row.parameters).items()
        ],
        "tables": reference_tables(row.read(), clock.today(), fund.units[0]),
        "unset": regulations.unset(row.parameters),
        "unsourced": regulations.unsourced(row.parameters),
    }


def taken_back(session: Session, fund: TrustFund) -> list[TakenBackEdition]:
    """The editions that were taken back before they began, the last one first."""
    query = select(TakenBackEdition).where(TakenBackEdition.fund_id == fund.id)
    return list(session.scalars(query.order_by(TakenBackEdition.edition.desc())))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs from one set of parameters to another."""
    return [{"path": one.path, "before": one.before, "after": one.after} for one in comparison.changes(before, after)]


def checked(
    session: Session, fund: TrustFund, parameters: Mapping[str, Any]
) -> tuple[Sequence[Invalid], list[dict[str, Any]]]:
    """What is wrong with a set of parameters, and how it differs from the edition in force; where a number in it is too
    large to be written down, only that.
    """
    problems = regulations.problems(parameters)
    if too_large(parameters) is not None:
        return problems, []
    return problems, changes(parameters_in_force(session, fund), parameters)


def parameters_in_force(session: Session, fund: TrustFund) -> Mapping[str, Any]:
    """The parameters of today; none before the first edition."""
    try:
        return regulations_in_force(session, fund.id, clock.today()).parameters
    except Refused:
        return {}


def letters(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The Agreement Letters of a fund, newest first."""
    return [letter(session, fund, row) for row in reversed(fund.letters)]


_LETTER = (
    "id",
    "edition",
    "title",
    "source",
    "valid_from",
    "valid_until",
    "trustee",
    "trustee_account",
    "parties",
    "signatories",
    "parameters",
)


def letter(session: Session, fund: TrustFund, row: AgreementLetter) -> dict[str, Any]:
    """One Agreement Letter as it goes out."""
    in_force = agreement_in_force(fund, clock.today())
    return {
        **{name: getattr(row, name) for name in _LETTER},
        "in_force": in_force is not None and in_force.id == row.id,
        "file": file_of(session, row.file_id),
    }


def file_of(session: Session, file_id: UUID | None) -> dict[str, Any] | None:
    """The name, size and SHA-256 of a signed file, and whether what is kept is still what was given."""
    if file_id is None:
        return None
    kept = files.find(session, file_id)
    try:
        files.read(session, file_id)
        whole = True
    except files.DamagedFile:
        whole = False
    return {"name": kept.name, "size": kept.size, "sha256": kept.sha256, "kept_at": kept.created_at, "whole": whole}


def _editions(session: Session, fund: TrustFund, last: CreditRegulations) -> list[CreditRegulations]:
    """The editions up to one, the newest first."""
    query = select(CreditRegulations).where(
        CreditRegulations.fund_id == fund.id, CreditRegulations.valid_from <= last.valid_from
    )
    return list(session.scalars(query.order_by(CreditRegulations.valid_from.desc())))


def _since(newest_first: Sequence[CreditRegulations]) -> dict[str, date]:
    """Since when each line of the newest edition has stood as it does, without a break."""
    newest, *earlier = newest_first
    standing = comparison.lines(newest.parameters)
    since = dict.fromkeys(standing, newest.valid_from)
    for row in earlier:
        told = comparison.lines(row.parameters)
        standing = {path: value for path, value in standing.items() if path in told and told[path] == value}
        since |= dict.fromkeys(standing, row.valid_from)
    return since


def _in_force(session: Session, fund: TrustFund) -> UUID | None:
    try:
        return regulations_in_force(session, fund.id, clock.today()).id
    except Refused:
        return None
