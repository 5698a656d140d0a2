"""The donor report as of the end of a month: who was trained, for how long, who completed, and what was gained."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import (
    AnswerSheet,
    AttendanceMark,
    CopyMerged,
    CopyStanding,
    GroupMember,
    IssuedDonorReport,
    LearningInstrument,
    Measurement,
    TrainingGroup,
    TrainingSession,
)
from services.training.models.learning import AFTER, BEFORE
from services.training.models.sessions import CANCELLED, GROUP
from services.training.queries.scope import check_scope, check_units, within
from services.training.rules.learning.donor_table import NOBODY, Amounts, Line, counted, table, total_line
from services.training.rules.learning.questionnaire import KNOWLEDGE, Item, marked
from shared.identity import EVERYWHERE, Caller
from shared.kernel import LOCAL_TIME, Invalid, clock
from shared.merged import standing_for

OWN = ("sex", "chain", "sector", "municipality")
ASKED = ("age", "people", "language", "disability", "head_of_household")
DIMENSIONS = (*OWN, *ASKED)
_DO_NOT_ADD_UP = frozenset({"language"})
_COUNTRIES = ("GT", "HN", "SV")
_SHORTEST = 16
"""As many digits of the hash as stand at the foot of each page."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A woman who was in a group, with the facts that training has of her and her amounts."""

    chain: str
    sector: str
    municipality: str
    amounts: Amounts

    @property
    def codes(self) -> dict[str, str]:
        return {"sex": "woman", "chain": self.chain, "sector": self.sector, "municipality": self.municipality}


def units_of(caller: Caller, unit: str | None) -> list[str]:
    """The place asked for, or all of the caller's territory; refuses one that is unknown or not hers."""
    if unit:
        check_units([unit], pointer="/unit")
        check_scope(caller, [unit])
        return [unit]
    return list(_COUNTRIES) if EVERYWHERE in caller.scope.units else sorted(caller.scope.units)


def month_end(as_of: date | None) -> date:
    """The day a report is of: the end of the last whole month unless another is asked for. Two reports that are a day
    apart would tell what one woman changed, so it is the end of a month; refuses another day, and one to come.
    """
    today = clock.today()
    latest = today if (today + timedelta(days=1)).day == 1 else today.replace(day=1) - timedelta(days=1)
    if as_of is None:
        return latest
    if (as_of + timedelta(days=1)).day != 1 or as_of > latest:
        raise Invalid("donor_report.no_month_end", pointer="/as_of", latest=latest)
    return as_of


def trained_women(session: Session, units: Sequence[str], as_of: date) -> dict[UUID, Trained]:
    """The women of groups formed in these places by that day, each once, under the id by which the registry knows her;
    her facts are those of the first of her groups.
    """
    rows = session.execute(
        select(
            standing_for(CopyMerged, GroupMember.entrepreneur_id).label("woman"),
            standing_for(CopyMerged, GroupMember.enterprise_id).label("enterprise_id"),
            GroupMember.municipality,
            GroupMember.completed,
            TrainingGroup.chain,
            TrainingGroup.completed_on,
        )
        .join(TrainingGroup, TrainingGroup.id == GroupMember.group_id)
        .where(TrainingGroup.formed_on <= as_of, within(GroupMember.municipality, units))
        .order_by(TrainingGroup.number)
    ).all()
    sectors = _sectors(session, as_of)
    attended, gains = _attended(session, as_of), _gains(session, as_of)
    found: dict[UUID, Trained] = {}
    done = {row.woman for row in rows if row.completed and row.completed_on and row.completed_on <= as_of}
    for row in rows:
        sessions, minutes = attended.get(row.woman, (0, 0))
        tested, gained = gains.get(row.woman, (0, 0))
        amounts = Amounts(1, int(row.woman in done), sessions, minutes, tested, gained)
        told = Trained(row.chain, sectors.get(row.enterprise_id, "unknown"), row.municipality, amounts)
        found.setdefault(row.woman, told)
    return found


def _sectors(session: Session, as_of: date) -> dict[UUID, str]:
    """The sector of each enterprise by what was told of it last until a day."""
    enterprise = standing_for(CopyMerged, CopyStanding.enterprise_id)
    rows = session.execute(
        select(enterprise, CopyStanding.sector).where(CopyStanding.since <= as_of).order_by(CopyStanding.since)
    )
    return {enterprise_id: sector for enterprise_id, sector in rows if sector}


def _attended(session: Session, as_of: date) -> dict[UUID, tuple[int, int]]:
    """At how many sessions of groups each woman was until a day, and for how many minutes."""
    woman = standing_for(CopyMerged, AttendanceMark.entrepreneur_id)
    rows = session.execute(
        select(woman, func.count(func.distinct(AttendanceMark.session_id)), func.sum(AttendanceMark.minutes))
        .join(TrainingSession, TrainingSession.id == AttendanceMark.session_id)
        .where(
            AttendanceMark.stands,
            AttendanceMark.minutes > 0,
            TrainingSession.subject_kind == GROUP,
            TrainingSession.state != CANCELLED,
            TrainingSession.last_day <= as_of,
        )
        .group_by(woman)
    )
    return {one: (sessions, int(minutes)) for one, sessions, minutes in rows}


def _gains(session: Session, as_of: date) -> dict[UUID, tuple[int, int]]:
    """Of each woman who took a test of knowledge before and after: 1, and the mean change of her share of right answers
    in hundredths of a percentage point.
    """
    night = datetime.combine(as_of + timedelta(days=1), time(), LOCAL_TIME)
    rows = session.execute(
        select(
            standing_for(CopyMerged, AnswerSheet.entrepreneur_id).label("woman"),
            Measurement.group_id,
            Measurement.instrument_id,
            Measurement.moment,
            AnswerSheet.answers,
            LearningInstrument.items,
        )
        .join(Measurement, Measurement.id == AnswerSheet.measurement_id)
        .join(LearningInstrument, LearningInstrument.id == Measurement.instrument_id)
        .where(
            LearningInstrument.purpose == KNOWLEDGE,
            Measurement.moment.in_((BEFORE, AFTER)),
            AnswerSheet.handed_in_at < night,
        )
        .order_by(AnswerSheet.id)
    )
    scores: dict[tuple[UUID, UUID, UUID], dict[str, float]] = {}
    for row in rows:
        share = marked([Item.read(kept) for kept in row.items], row.answers) or 0.0
        scores.setdefault((row.woman, row.group_id, row.instrument_id), {}).setdefault(row.moment, share)
    changes: dict[UUID, list[float]] = {}
    for (woman, _, _), told in scores.items():
        if len(told) == 2:
            changes.setdefault(woman, []).append(told[AFTER] - told[BEFORE])
    return {woman: (1, round(10_000 * sum(found) / len(found))) for woman, found in changes.items()}


def donor_report(
    women: Mapping[UUID, Trained], asked: Sequence[Mapping[str, Any]] | None, units: Sequence[str], as_of: date
) -> dict[str, Any]:
    """The report of these women; `asked` are the sums of the registry, None where it did not tell them."""
    total = NOBODY
    for one in women.values():
        total = total.and_(one.amounts)
    tables = {name: counted([(one.codes[name], one.amounts) for one in women.values()]) for name in OWN}
    for dimension in asked or ():
        cells = {row["code"]: Amounts(row["women"], *row["sums"]) for row in dimension["rows"]}
        tables[dimension["name"]] = cells
    return {
        "as_of": as_of,
        "units": list(units),
        "total": asdict(total_line(total)),
        "complete": asked is not None or not women,
        "tables": [
            {"name": name, "adds_up": name not in _DO_NOT_ADD_UP, "rows": _told(tables[name], total, name)}
            for name in DIMENSIONS
            if name in tables and total.women
        ],
    }


def _told(cells: Mapping[str, Amounts], total: Amounts, name: str) -> list[dict[str, Any]]:
    lines: list[Line] = table(cells, total, adds_up=name not in _DO_NOT_ADD_UP)
    return [asdict(line) for line in lines]


def donor_verification(session: Session, code: str) -> IssuedDonorReport | None:
    """The printed report whose hash begins with `code`."""
    if len(code) < _SHORTEST:
        return None
    wanted = select(IssuedDonorReport).where(IssuedDonorReport.hash.startswith(code, autoescape=True)).limit(1)
    found: IssuedDonorReport | None = session.scalar(wanted)
    return found
