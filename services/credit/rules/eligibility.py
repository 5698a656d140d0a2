"""Whether an enterprise may be lent to, each rule with what it asks and what is known; and what its owner can pay."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from services.credit.rules.coherence import Plan, known_of
from services.credit.rules.demands import demand
from shared.events.vocabulary import TIERS

VALIDATED = frozenset({"verified", "validated"})
COHERENT = "coherent_with_plans"
CAPACITY = "payment_capacity"
PLAIN = ("active", "consent_credit", "validated", "no_loan_in_force", "no_arrears", "has_owner", "centre", COHERENT)
"""The rules without a parameter; in the regulations a bare name is one of them."""
HARD = frozenset({"active", "consent_credit", "has_owner", "centre"})
"""The rules from which no committee can make an exception, whatever its regulations say."""
RECORD = frozenset({"validated", "no_arrears"})
"""The rules about her record: what the registry verified of her, and whether she pays."""
_PARAMETERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(PLAIN, frozenset()),
    "months_in_business": frozenset({"at_least"}),
    "tier": frozenset({"one_of"}),
    "training_attended": frozenset({"at_least", "within_months"}),
}
RULES = tuple(_PARAMETERS)
PURPOSE_OF = {"market": "marketing", "formalization": "formalization"}
"""What a credit would be for, of the needs that say so by themselves."""
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the regulations. `at_least` counts months in business or trainings; these of the last
    `within_months`, the day that far back not among them. From a `hard` one the committee makes no exception.
    """

    name: str
    at_least: int = 0
    within_months: int = 0
    one_of: tuple[str, ...] = ()
    hard: bool = False

    @property
    def needed(self) -> dict[str, Any]:
        """What it asks for, by the name of its parameter."""
        asked = {"at_least": self.at_least, "within_months": self.within_months, "one_of": list(self.one_of)}
        return {name: value for name, value in asked.items() if name in _PARAMETERS[self.name]}


@dataclass(frozen=True, slots=True)
class Age:
    """How long an enterprise has been in business when only its first year is known: in months, for certain and at
    most.
    """

    since: int
    months: int
    at_most: int

    @classmethod
    def on(cls, day: date, started_year: int | None) -> "Age | None":
        if started_year is None:
            return None
        least, most = (months_between(date(started_year, month, of), day) for month, of in ((12, 31), (1, 1)))
        return cls(started_year, least, most)


@dataclass(frozen=True, slots=True)
class Enterprise:
    """What is known of an enterprise when it asks: `plans` are those in force where it is, `trained` how many months
    ago it completed each training.
    """

    active: bool
    consent_credit: bool
    validation: str
    owners: int
    loans_in_force: int
    loans_in_arrears: int = 0
    in_centre: bool = True
    age: Age | None = None
    tier: str | None = None
    trained: tuple[int, ...] = ()
    chain: str = ""
    purpose: str | None = None
    plans: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A rule against an enterprise. `known` is None where nobody has said anything of it; then it is not met."""

    rule: str
    met: bool
    needed: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] | None = field(default_factory=dict)
    hard: bool = False

    @property
    def code(self) -> str:
        """The refusal it makes when it is not met."""
        return f"eligibility.{self.rule}" if self.known is not None else f"eligibility.{self.rule}_unknown"

    @property
    def facts(self) -> dict[str, Any]:
        """What its sentence tells."""
        told = self.needed | (self.known or {})
        return {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in told.items()}


def months_between(first: date, day: date) -> int:
    """The whole months from one day to a later one; 0 where it is not later."""
    return max((day.year - first.year) * 12 + day.month - first.month - (day.day < first.day), 0)


def read_rules(items: Iterable[Any]) -> tuple[Rule, ...]:
    """The rules of the section `eligibility`, each a bare name or an object with its parameters."""
    rules = tuple(_rule(item, f"/eligibility/{number}") for number, item in enumerate(items))
    demand(len({rule.name for rule in rules}) == len(rules), "/eligibility")
    return rules


def _rule(item: Any, at: str) -> Rule:
    if isinstance(item, str):
        demand(item in PLAIN, "/eligibility")
        return Rule(item)
    asked: Mapping[str, Any] = {name: value for name, value in item.items() if name not in {"rule", "hard"}}
    name, hard = item["rule"], item.get("hard", False)
    demand(type(hard) is bool, f"{at}/hard")
    demand(name in _PARAMETERS, f"{at}/rule")
    demand(asked.keys() == _PARAMETERS[name], at)
    for number in ("at_least", "within_months"):
        demand(number not in asked or (type(asked[number]) is int and 1 <= asked[number] <= LONGEST), f"{at}/{number}")
    demand("one_of" not in asked or (bool(asked["one_of"]) and set(asked["one_of"]) <= set(TIERS)), f"{at}/one_of")
    return Rule(name, asked.get("at_least", 0), asked.get("within_months", 0), tuple(asked.get("one_of", ())), hard)


def check(enterprise: Enterprise, rule: Rule) -> Check:
    """One rule against what is known; what nobody knows is never met."""
    known = _known(enterprise, rule)
    met = known is not None and _met(enterprise, rule)
    return Check(rule.name, met, rule.needed, known, rule.hard or rule.name in HARD)


def checks(enterprise: Enterprise, rules: Iterable[Rule]) -> tuple[Check, ...]:
    """Every rule against what is known, in the order of the regulations."""
    return tuple(check(enterprise, rule) for rule in rules)


def failed_rules(enterprise: Enterprise, rules: Iterable[Rule | str]) -> tuple[str, ...]:
    """The names of the `rules` that the enterprise does not meet, in their order; a bare name has no parameter."""
    asked = (rule if isinstance(rule, Rule) else Rule(rule) for rule in rules)
    return tuple(found.rule for found in checks(enterprise, asked) if not found.met)


def _known(enterprise: Enterprise, rule: Rule) -> dict[str, Any] | None:
    told: dict[str, dict[str, Any] | None] = {
        "validated": {"validation": enterprise.validation},
        "no_loan_in_force": {"loans": enterprise.loans_in_force},
        "no_arrears": {"loans": enterprise.loans_in_arrears},
        "has_owner": {"owners": enterprise.owners},
        "months_in_business": None if enterprise.age is None else asdict(enterprise.age),
        "tier": None if enterprise.tier is None else {"tier": enterprise.tier},
        "training_attended": {"times": _recent(enterprise, rule)},
        COHERENT: known_of(enterprise.plans, enterprise.chain, enterprise.purpose),
    }
    return told.get(rule.name, {})


def _met(enterprise: Enterprise, rule: Rule) -> bool:
    """Whether a rule of which something is known is met."""
    return {
        "active": enterprise.active,
        "consent_credit": enterprise.consent_credit,
        "validated": enterprise.validation in VALIDATED,
        "no_loan_in_force": enterprise.loans_in_force == 0,
        "no_arrears": enterprise.loans_in_arrears == 0,
        "has_owner": enterprise.owners > 0,
        "centre": enterprise.in_centre,
        "months_in_business": enterprise.age is not None and enterprise.age.months >= rule.at_least,
        "tier": enterprise.tier in rule.one_of,
        "training_attended": _recent(enterprise, rule) >= rule.at_least,
        COHERENT: any(plan.prioritises(enterprise.chain, enterprise.purpose) for plan in enterprise.plans),
    }[rule.name]


def _recent(enterprise: Enterprise, rule: Rule) -> int:
    """How many trainings it completed in the time that the rule looks back."""
    return sum(ago < rule.within_months for ago in enterprise.trained)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is left of a month's income, in cents, and what part of it an instalment would take (percent)."""

    monthly_surplus: int
    share_of_surplus: int | None

    @property
    def enough(self) -> bool:
        return self.share_of_surplus is not None and self.share_of_surplus <= 100


def payment_capacity(income: int, expense: int, debts: int, monthly_payment: int) -> Capacity:
    """The capacity to pay: income less expense less other debts; the share is None where nothing is left."""
    surplus = income - expense - debts
    share = -(-monthly_payment * 100 // surplus) if surplus > 0 else None
    return Capacity(surplus, share)
