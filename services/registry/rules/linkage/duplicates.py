"""Which records of an inventory may be of the same woman, and why."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from services.registry.rules.linkage.bearers import Bearers
from services.registry.rules.linkage.blocking import LeftOut, candidate_pairs
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.policy import Policy
from services.registry.rules.linkage.scoring import Decision, Verdict, are_two, judge
from services.registry.rules.linkage.traits import traits_of


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the earlier in the list first, and what is thought of them."""

    one: Hashable
    other: Hashable
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs that are the same or to be looked at, the highest score first; how many were compared, and which were
    not because too many records look alike.
    """

    pairs: tuple[Pair, ...]
    compared: int
    left_out: tuple[LeftOut, ...]
    uncompared: tuple[Hashable, ...]


def duplicates_among(candidates: Iterable[Candidate], policy: Policy) -> Found:
    """Everything that is found among these records; the same whatever their order."""
    records = [traits_of(candidate) for candidate in candidates]
    bearers = Bearers.among(records)
    blocks = candidate_pairs(records, policy.limits.block_cap)
    found = [
        Pair(records[i].id, records[j].id, verdict)
        for i, j in blocks
        if not are_two(records[i], records[j], policy, bearers)
        and (verdict := judge(records[i], records[j], policy, bearers)).decision is not Decision.DIFFERENT
    ]
    found.sort(key=lambda pair: -pair.verdict.points)
    return Found(tuple(found), len(blocks.pairs), blocks.left_out, blocks.uncompared)


def explain(one: Candidate, other: Candidate, policy: Policy, bearers: Bearers) -> Verdict:
    """The decision on any two records and the points of each field that both know."""
    return judge(traits_of(one), traits_of(other), policy, bearers)
