"""The annual report of the programme of social responsibility as of a day: what the year did, and all before it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_interval
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.training.models import Activity, Agreement, CsrCommitment, Diploma, Partner
from services.training.models.activities import CANCELLED, HELD, WORKSHOP
from services.training.models.csr_commitments import OPEN
from services.training.models.partners import PARTNER_KINDS
from services.training.queries.activities import counted, people_of
from services.training.queries.scope import within
from services.training.rules.activity_dates import known_on
from services.training.rules.diplomas.award import KINDS
from services.training.rules.withholding import THRESHOLD, told
from shared import places
from shared.kernel import LOCAL_TIME
from shared.writing import LOCALES

Rows = list[dict[str, Any]]


def csr_report(session: Session, units: Sequence[str], as_of: date, language: str) -> dict[str, Any]:
    """What the report says of these places, counts under five withheld (None) and what would tell them by subtraction.

    The year is that of `as_of`, up to it: `workshops` and `dialogues` that were held by then, `planned` what was
    announced for later, `annex_activities` what was ever held, `annex_partners` with whom. An activity stands on the
    date that was known on that day.
    """
    mine = select(Activity).where(within(Activity.unit, units), Activity.state != CANCELLED)
    activities = [(one, known) for one in session.scalars(mine) if (known := _known(one, as_of)) is not None]
    activities.sort(key=lambda pair: (-pair[1].toordinal(), pair[0].id))
    done = [(one, starts) for one, starts in activities if one.state == HELD and one.ends_on <= as_of]
    year = [(one, starts) for one, starts in done if starts.year == as_of.year]
    workshops = [one for one, _ in year if one.kind == WORKSHOP]
    dialogues = [one for one, _ in year if one.kind != WORKSHOP]
    held = {one.id for one, _ in done}
    planned = [(one, starts) for one, starts in activities if one.id not in held and starts > as_of]
    return {
        "units": sorted(units),
        "place": ", ".join(map(places.in_full, sorted(units))),
        "as_of": as_of,
        "year": as_of.year,
        "number": f"RSE-{as_of:%Y%m%d}-{'-'.join(sorted(units))}",
        "threshold": THRESHOLD,
        **_taught(session, workshops, language),
        "diplomas": _diplomas(session, workshops, as_of),
        "dialogues": [_dialogue(session, one, as_of, language) for one in dialogues],
        "planned": [_line(one, starts, language) for one, starts in reversed(planned)],
        "agreements": _agreements(session, units, as_of),
        "partner_kinds": _partner_kinds(one for one, _ in year),
        "annex_activities": [_line(one, starts, language) for one, starts in done],
        "annex_partners": {
            name: [_partners(one, starts, language) for one, starts in done if (one.kind == WORKSHOP) is taught]
            for name, taught in (("workshops", True), ("dialogues", False))
        },
    }


def _known(activity: Activity, as_of: date) -> date | None:
    announced = [(one.recorded_at.astimezone(LOCAL_TIME).date(), one.starts_on) for one in activity.dates]
    if activity.state == HELD and activity.ends_on <= as_of:
        return activity.starts_on
    return known_on(as_of, announced, activity.days - 1)


def _taught(session: Session, workshops: Sequence[Activity], language: str) -> dict[str, Any]:
    """The workshops of the year; of each how many persons came, of all of them how many distinct firms and persons, by
    sex and by sector of the firm.
    """
    people = people_of(session, [one.id for one in workshops])
    came = {key: [one for one in rows if any(one["attended"])] for key, rows in people.items()}
    everybody = [one for rows in came.values() for one in rows]
    totals = counted(everybody)
    persons = told({key: counted(rows)["persons_came"] for key, rows in came.items()})
    firms = told({key: counted(rows)["smes_came"] for key, rows in came.items()})
    sexes = {(one["sme_id"], one["name_key"] or one["id"]): one["sex"] for one in everybody}
    sectors = {one["sme_id"]: one["sector"] for one in everybody}
    return {
        "workshops": [
            _line(one, one.starts_on, language)
            | {"persons": persons[one.id], "smes": firms[one.id], "gender_module": one.gender_module}
            | {"moved": [dates.starts_on for dates in one.dates[:-1]]}
            for one in reversed(workshops)
        ],
        "smes": _total(totals["smes_came"]),
        "persons": _total(totals["persons_came"]),
        "by_sex": _column(sexes.values()),
        "by_sector": _column(sectors.values()),
        "gender_workshops": sum(one.gender_module for one in workshops),
        "materials": sorted({material.title for one in workshops for material in one.materials}),
    }


def _diplomas(session: Session, workshops: Sequence[Activity], as_of: date) -> Rows:
    """How many diplomas of these workshops were in force on that day, by kind; withheld too where so few who came got
    none that they would be told.
    """
    ids = [one.id for one in workshops]
    came = sum(any(one["attended"]) for rows in people_of(session, ids).values() for one in rows)
    in_force = (Diploma.issued_on <= as_of, or_(Diploma.revoked_on.is_(None), Diploma.revoked_on > as_of))
    of_kind = select(Diploma.kind, func.count().label("issued")).group_by(Diploma.kind)
    found = session.execute(of_kind.where(Diploma.subject_id.in_(ids), *in_force))
    counts = {row.kind: row.issued for row in found}
    shown = {kind: told({"got": counts.get(kind, 0), "none": max(0, came - counts.get(kind, 0))}) for kind in KINDS}
    return [{"code": kind, "count": shown[kind]["got"]} for kind in KINDS]


def _total(count: int) -> int | None:
    return None if 0 < count < THRESHOLD else count


def _column(codes: Any) -> Rows:
    counts: dict[str, int] = {}
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
    if 0 < sum(counts.values()) < THRESHOLD:
        return [{"code": code, "count": None} for code in sorted(counts)]
    return [{"code": code, "count": count} for code, count in sorted(told(counts).items())]


def _line(activity: Activity, starts: date, language: str) -> dict[str, Any]:
    """An activity as a line of a table: country, city, what, when."""
    ends = date.fromordinal(starts.toordinal() + activity.days - 1)
    return {
        "kind": activity.kind,
        "title": activity.title,
        "country": places.name_of(activity.unit[:2]),
        "city": activity.city,
        "starts_on": starts,
        "when": format_interval(starts, ends, "yMMMd", locale=LOCALES[language]),
    }


def _dialogue(session: Session, dialogue: Activity, as_of: date, language: str) -> dict[str, Any]:
    women, men = (sum(side[name] for side in dialogue.present) for name in ("women", "men"))
    shown = told({"women": women, "men": men})
    few = _total(women + men) is None
    promised = select(CsrCommitment).where(CsrCommitment.activity_id == dialogue.id)
    signed = select(Agreement).where(Agreement.activity_id == dialogue.id, Agreement.signed_on <= as_of)
    return _line(dialogue, dialogue.starts_on, language) | {
        "topics": dialogue.topics,
        "conclusions": dialogue.conclusions,
        "institutions": sum(side["institutions"] for side in dialogue.present),
        "persons": _total(women + men),
        "women": None if few else shown["women"],
        "men": None if few else shown["men"],
        "commitments": [
            _commitment(one, as_of)
            for one in session.scalars(promised.order_by(CsrCommitment.due_on, CsrCommitment.id))
        ],
        "agreements": [one.title for one in session.scalars(signed.order_by(Agreement.signed_on, Agreement.id))],
    }


def _commitment(commitment: CsrCommitment, as_of: date) -> dict[str, Any]:
    """A commitment as it stood on a day."""
    stood = [note.state for note in commitment.notes if note.day <= as_of]
    state = stood[-1] if stood else OPEN
    late = state == OPEN and commitment.due_on < as_of
    told_of_it = {name: getattr(commitment, name) for name in ("what", "owner", "due_on")}
    return {**told_of_it, "state": state, "late": late}


def _agreements(session: Session, units: Sequence[str], as_of: date) -> Rows:
    """Those of these places and of what they lie in that were in force on a day."""
    around = places.around(*units)
    near = within(Agreement.unit, units) | Agreement.unit.in_(around)
    signed = select(Agreement).where(near, Agreement.signed_on <= as_of)
    return [
        {name: getattr(one, name) for name in ("title", "purpose", "contribution", "signed_on", "ends_on")}
        | {"partners": [partner.name for partner in one.partners]}
        for one in session.scalars(signed.order_by(Agreement.signed_on.desc(), Agreement.id))
        if one.ends_on is None or one.ends_on >= as_of
    ]


def _partner_kinds(activities: Any) -> Rows:
    """How many distinct partners of each kind took part in the activities of the year."""
    found = {partner.id: partner.kind for one in activities for partner in one.partners}
    return [{"code": kind, "count": sum(one == kind for one in found.values())} for kind in PARTNER_KINDS]


def _partners(activity: Activity, starts: date, language: str) -> dict[str, Any]:
    """A line of the annex of partners: their names, by kind."""
    columns: Mapping[str, list[Partner]] = {
        kind: [one for one in activity.partners if one.kind == kind] for kind in PARTNER_KINDS
    }
    return _line(activity, starts, language) | {
        kind: [one.name for one in partners] for kind, partners in columns.items()
    }
