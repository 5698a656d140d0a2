"""The long work of finding duplicates: what a job of the worker and a command of the operator both do."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import DuplicateScan
from services.registry.rules.linkage.bulk import Census, Compared, CountedBearers, Records
from services.registry.rules.linkage.policy import Policy
from services.registry.rules.linkage.scoring import Decision, are_two, judge
from services.registry.sealing import Sealer
from services.registry.tables import duplicate_policy_on
from services.registry.use_cases import find_duplicates, merge_certain
from services.registry.use_cases.find_duplicates import ALWAYS_ALL, Judged
from services.registry.work import Work, insist
from shared.jobs import Handler
from shared.kernel import Refused, Stale, clock

_PORTION = 20_000


def search(work: Work, sealer: Sealer, *, thorough: bool = False) -> dict[str, Any]:
    """Find who may be in the inventory twice, from where an interrupted search left it. Keys are made anew of whom
    changed; pairs are judged in portions, each of them one transaction. Comes back with what was looked at.

    What is found is what `duplicates_among` finds over all records, whatever was found before; in a search that is not
    thorough, as far as one of the two records changed or the pair was known.
    """
    policy = duplicate_policy_on(clock.today())
    with work.transaction() as session:
        scan_id = find_duplicates.begin_search(session, work.caller, policy, thorough=thorough).id
    records, places, bearers = _read_all(work, sealer, scan_id)
    with work.reading() as session:
        scan = session.get_one(DuplicateScan, scan_id)
        everything = scan.thorough or len(records) <= ALWAYS_ALL
        known = None if everything else find_duplicates.known_pairs(session)
        reached = scan.reached
    compared = _compared(records, policy, known)
    for pairs, last, done in _judged(records, places, compared, policy, bearers, reached):

        def keep(session: Session, pairs: list[Judged] = pairs, last: UUID = last) -> None:
            find_duplicates.keep_pairs(session, session.get_one(DuplicateScan, scan_id), pairs, last)

        insist(work, keep)
        work.progress(done, len(compared.codes))
    told = {
        "records": len(records),
        "compared": len(compared.codes),
        "uncompared": compared.uncompared,
        "left_out": [
            {"rule": left.rule, "keys": left.keys, "records": left.records, "pairs": left.pairs}
            for left in compared.left_out
        ],
    }
    with work.transaction() as session:
        find_duplicates.finish_search(session, session.get_one(DuplicateScan, scan_id), told)
    return {"scan": str(scan_id), **told}


def _read_all(work: Work, sealer: Sealer, scan_id: UUID) -> tuple[Records, list[str], CountedBearers]:
    """Everybody who is in the inventory, a batch at a time; keys that are missing or stale are made and kept."""
    records, census = Records(), Census()
    places: list[str] = []
    codes: dict[str, str] = {}
    after: UUID | None = None
    while True:
        with work.reading() as session:
            women = find_duplicates.women_after(session, sealer.short, after)
        if not women:
            return records, places, census.bearers()
        for kept in women:
            prints = (kept.print, kept.person)
            records.add(kept.id, kept.traits, kept.keys, prints, touched=kept.touched)
            places.append(codes.setdefault(kept.municipality, kept.municipality))
            census.add(kept.traits)
        if fresh := [kept for kept in women if kept.fresh]:

            def keep(session: Session, fresh: list[find_duplicates.Kept] = fresh) -> None:
                find_duplicates.keep_keys(session, session.get_one(DuplicateScan, scan_id), fresh)

            insist(work, keep)
        after = women[-1].id
        work.progress(len(records))


def _compared(records: Records, policy: Policy, known: list[tuple[UUID, UUID]] | None) -> Compared:
    codes = None
    if known is not None:
        codes = [code for one, other in known if (code := records.code(one, other)) is not None]
    return records.comparisons(policy.limits.block_cap, codes)


def _judged(
    records: Records,
    places: list[str],
    compared: Compared,
    policy: Policy,
    bearers: CountedBearers,
    reached: UUID | None,
) -> Iterator[tuple[list[Judged], UUID, int]]:
    """Portions of the pairs, as far as they are the same or to be looked at; up to which woman all are judged; how many
    are behind. A portion ends where another first woman begins, so that what was `reached` is judged whole.
    """
    import numpy as np

    count = max(len(records), 1)
    first = compared.codes // count
    start = 0 if reached is None else int(np.searchsorted(first, records.before(UUID(int=reached.int + 1))))
    while start < len(first):
        end = min(start + _PORTION, len(first))
        end = int(np.searchsorted(first, first[end - 1], side="right"))
        pairs = _worth_telling(records, places, compared.codes[start:end].tolist(), policy, bearers)
        yield pairs, records.id(int(first[end - 1])), end
        start = end


def _worth_telling(
    records: Records, places: list[str], codes: list[int], policy: Policy, bearers: CountedBearers
) -> list[Judged]:
    found, here, one = [], -1, None
    for code in codes:
        i, j = divmod(code, len(records))
        if one is None or i != here:
            here, one = i, records.traits(i)
        other = records.traits(j)
        if are_two(one, other, policy, bearers):
            continue
        verdict = judge(one, other, policy, bearers)
        if verdict.decision is not Decision.DIFFERENT:
            prints, people = (records.prints[i], records.prints[j]), (records.people[i], records.people[j])
            found.append(Judged(records.id(i), records.id(j), places[i], places[j], verdict, prints, people))
    return found


def merge_all_certain(work: Work, sealer: Sealer) -> dict[str, int]:
    """Merge what is certain in the caller's territory, each pair in a transaction of its own; comes back with how many
    were merged, and how many wait still: something changed meanwhile, or this caller may not merge them.
    """
    with work.reading() as session:
        pairs = merge_certain.certain_pairs(session, work.caller)
    merged = 0
    for done, pair_id in enumerate(pairs, 1):
        merged += _merged(work, sealer, pair_id)
        work.progress(done, len(pairs))
    return {"merged": merged, "passed_over": len(pairs) - merged}


def _merged(work: Work, sealer: Sealer, pair_id: UUID) -> bool:
    merge = None

    def take(session: Session) -> None:
        nonlocal merge
        merge = merge_certain.merge_if_certain(session, work.caller, sealer, pair_id)

    try:
        insist(work, take)
    except Stale:  # of the work itself: another took the job over
        raise
    except Refused:
        return False
    return merge is not None


def handlers(sealer: Sealer) -> dict[str, Handler]:
    """The jobs of the worker."""
    return {
        find_duplicates.KIND: lambda job: search(job, sealer, thorough=bool(job.payload.get("thorough"))),
        merge_certain.KIND: lambda job: merge_all_certain(job, sealer),
    }
