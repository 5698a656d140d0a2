"""The signed Credit Regulations, as the parameters every decision is measured against."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from services.credit.rules import governance
from services.credit.rules.agreement import Asked, read_asked
from services.credit.rules.allocation import COMPONENTS, Component
from services.credit.rules.appraisal import CapacityLimit, read_capacity
from services.credit.rules.arrears import LateCharge, Provisioning, read_late_charge, read_provisioning
from services.credit.rules.business_days import RestDays, read_rest_days
from services.credit.rules.competence import Competence, read_competence, read_rule
from services.credit.rules.completeness import FileRules, read_file
from services.credit.rules.concentration import Concentration, read_concentration
from services.credit.rules.demands import demand, too_large
from services.credit.rules.eligibility import Rule, read_rules
from services.credit.rules.groups import Groups, read_groups
from services.credit.rules.guarantees import Guarantees, read_guarantees
from services.credit.rules.income import IncomeShares, read_income_shares
from services.credit.rules.pipeline import Patience, read_pipeline
from services.credit.rules.products import Product, read_products
from services.credit.rules.quorum import Rule as VotingRule
from services.credit.rules.restructuring import Restructuring, read_restructuring
from services.credit.rules.scorecard import Scorecard, read_scorecard
from services.credit.rules.seed import SeedTerms, read_seed
from shared.events.vocabulary import PURPOSES
from shared.kernel import Invalid

LONGEST_SOURCE = 300
ELIGIBILITY_RULES = ("active", "consent_credit", "validated", "no_loan_in_force", "has_owner")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a fund, or recommended to it: `amount` in cents, `grace` in instalments."""

    product: str
    amount: int
    instalments: int
    grace: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything the regulations fix, read from one dated version of them."""

    quorum: VotingRule
    products: tuple[Product, ...] = ()
    purposes: tuple[str, ...] = PURPOSES
    allocation_order: tuple[Component, ...] = COMPONENTS
    payment_in_advance: bool = True
    eligibility: tuple[Rule, ...] = tuple(map(Rule, ELIGIBILITY_RULES))
    income_shares: IncomeShares = IncomeShares()
    late_charge: LateCharge = LateCharge()
    provisioning: Provisioning | None = None
    notice: governance.Notice = governance.Notice()
    conflicts: governance.Conflicts = governance.Conflicts()
    mandates: governance.Mandates = governance.Mandates()
    approvals: governance.Approvals = governance.Approvals()
    reasons: governance.Reasons = governance.Reasons()
    restructuring: Restructuring = Restructuring()
    file: FileRules = FileRules()
    pipeline: Patience = Patience()
    seed: SeedTerms = SeedTerms()
    capacity: CapacityLimit = CapacityLimit()
    scorecard: Scorecard = Scorecard()
    guarantees: Guarantees = Guarantees()
    groups: Groups = Groups()
    agreement: Asked = Asked()
    competence: Competence = Competence()
    concentration: Concentration = Concentration()
    holidays: RestDays = RestDays()
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses limits of competence for products that are not lent."""
        known = {product.code for product in self.products}
        for number, level in enumerate(self.competence.levels):
            demand(set(level.products) <= known, f"/competence/levels/{number}/products")

    def rule_for(self, product: str, amount: int) -> VotingRule:
        """The quorum and majority that a decision on `amount` cents of a product takes."""
        return self.competence.level(product, amount).quorum or self.quorum

    @property
    def applied_for(self) -> tuple[Product, ...]:
        """What can be applied for: the products that are lent, or the kinds of seed capital."""
        return (*self.products, *(one.applied_for() for one in self.seed.products))

    def measure(self, request: Request) -> None:
        """Refuses a request outside what the regulations lend, naming the field."""
        product = self.product(request.product)
        product.check_amount(request.amount)
        product.check_length(request.instalments, request.grace)
        if request.purpose not in self.purposes:
            raise Invalid("application.purpose_not_financed", pointer="/purpose", known=", ".join(self.purposes))

    def lends(self, product: str, purpose: str) -> bool:
        """Whether the regulations know this product and finance this purpose."""
        return purpose in self.purposes and any(known.code == product for known in self.applied_for)

    def product(self, code: str) -> Product:
        """The product with this code; refuses one the regulations do not know."""
        for product in self.applied_for:
            if product.code == code:
                return product
        known = ", ".join(product.code for product in self.applied_for)
        raise Invalid("application.unknown_product", pointer="/product", known=known)


def read(parameters: Mapping[str, Any]) -> Parameters:
    """The parameters of one version; refuses a set that is incomplete or contradicts itself, naming the field."""
    demand(isinstance(parameters, Mapping), "")
    for problem in (*_too_large(parameters), *_misnamed(parameters)):
        raise problem
    try:
        told = Parameters(**{name: _section(name, section, name) for name, section in parameters.items()})
    except _BROKEN as problem:
        raise _unread(problem, "") from problem
    items = parameters.get("products", ())
    resting = [
        product.resting(told.holidays, shifts="shift" in item)
        for product, item in zip(told.products, items, strict=True)
    ]
    told = replace(told, products=tuple(resting))
    demand(bool(told.products) != bool(told.seed.products), "/products")
    lent = {product.code for product in told.applied_for}
    demand(all(lent.issuperset(piece.products) for piece in told.file.items), "/file/items")
    return told


_BROKEN = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError)
"""What reading a section ends with where its shape is another; none of its words are for people."""
_UNKNOWN = re.compile(r"unexpected keyword argument '(.+?)'")
_MISSING = re.compile(r"missing \d+ required .*?: '(.+?)'")


def _section(name: str, section: Any, at: str) -> Any:
    """A section as it is read; refuses one that cannot be, in words of the regulations."""
    try:
        return _SECTIONS[name](section)
    except _BROKEN as problem:
        raise _unread(problem, at) from problem


def _unread(problem: Exception, at: str) -> Invalid:
    """What is told of a part that cannot be read: the field it does not know or lacks, where that is why."""
    pointer = f"/parameters/{at}".rstrip("/")
    if unknown := _UNKNOWN.search(str(problem)):
        return Invalid("regulations.field_unknown", pointer=pointer, field=unknown[1][:60])
    missing = _MISSING.search(str(problem))
    if missing or isinstance(problem, KeyError):
        field = missing[1] if missing else str(problem.args[0])
        return Invalid("regulations.field_missing", pointer=pointer, field=field[:60])
    return Invalid("regulations.unreadable", pointer=pointer, field=at)


def _too_large(parameters: Mapping[str, Any]) -> list[Invalid]:
    large = too_large(parameters)
    return [] if large is None else [Invalid("regulations.contradictory", pointer=f"/parameters{large}", field=large)]


def _purposes(items: Any) -> tuple[str, ...]:
    demand(bool(items) and set(items) <= set(PURPOSES), "/purposes")
    return tuple(items)


def _allocation_order(items: Any) -> tuple[Component, ...]:
    demand(sorted(items) == sorted(get_args(Component)), "/allocation_order")
    return tuple(items)


def _payment_in_advance(allowed: Any) -> bool:
    demand(type(allowed) is bool, "/payment_in_advance")
    return bool(allowed)


def _sources(item: Mapping[str, Any]) -> dict[str, str]:
    """The source of each section that does not name its own, by the section's name."""
    for name, source in item.items():
        demand(name in _SECTIONS, f"/sources/{name}")
        demand(type(source) is str and 0 < len(source.strip()) <= LONGEST_SOURCE, f"/sources/{name}")
    return dict(item)


_SECTIONS: dict[str, Callable[[Any], Any]] = {
    "products": read_products,
    "quorum": read_rule,
    "purposes": _purposes,
    "allocation_order": _allocation_order,
    "payment_in_advance": _payment_in_advance,
    "eligibility": read_rules,
    "income_shares": read_income_shares,
    "late_charge": read_late_charge,
    "provisioning": read_provisioning,
    "notice": governance.read_notice,
    "conflicts": governance.read_conflicts,
    "mandates": governance.read_mandates,
    "approvals": governance.read_approvals,
    "reasons": governance.read_reasons,
    "restructuring": read_restructuring,
    "file": read_file,
    "pipeline": read_pipeline,
    "seed": read_seed,
    "capacity": read_capacity,
    "scorecard": read_scorecard,
    "guarantees": read_guarantees,
    "groups": read_groups,
    "agreement": read_asked,
    "competence": read_competence,
    "concentration": read_concentration,
    "holidays": read_rest_days,
    "sources": _sources,
}
"""How each section is read; it has a field of its name in `Parameters`, with what holds where it is left out."""


def unset(parameters: Mapping[str, Any]) -> list[str]:
    """The sections that a set says nothing of: there what the house has for it holds."""
    return [name for name in _SECTIONS if name not in parameters and name != "sources"]


def source_of(parameters: Mapping[str, Any], section: str) -> str | None:
    """Where a section says that it comes from, itself or in `sources`; None where the source is not stated."""
    told = parameters.get(section)
    own = told.get("source") if isinstance(told, Mapping) else None
    source = own or parameters.get("sources", {}).get(section)
    return str(source) if source else None


def unsourced(parameters: Mapping[str, Any]) -> list[str]:
    """The sections of a set whose source is not stated."""
    return [name for name in parameters if name != "sources" and source_of(parameters, name) is None]


def problems(parameters: Mapping[str, Any]) -> list[Invalid]:
    """What keeps a set from being lent under, each at its place: of every section, and of every product, the first."""
    large = _too_large(parameters)
    if large:
        return large
    found = _misnamed(parameters)
    for name, section in parameters.items():
        if name not in _SECTIONS:
            continue
        if name == "products" and isinstance(section, list) and section:
            found += _wrong_products(section)
        else:
            found += _wrong(name, section, name)
    return found or _wrong_together(parameters)


def _misnamed(parameters: Mapping[str, Any]) -> list[Invalid]:
    """The sections without which nothing is lent and that are not there, and those that are not known."""
    needed = ("seed" if "seed" in parameters else "products", "quorum")
    missing = [name for name in needed if name not in parameters]
    unknown = [name[:60] for name in parameters if name not in _SECTIONS]
    return [
        Invalid(code, pointer=f"/parameters/{name}", section=name)
        for code, names in (("regulations.section_missing", missing), ("regulations.section_unknown", unknown))
        for name in names
    ]


def _wrong(name: str, section: Any, at: str) -> list[Invalid]:
    try:
        _section(name, section, at)
    except Invalid as problem:
        return [problem]
    return []


def _wrong_products(items: list[Any]) -> list[Invalid]:
    found = []
    for number, item in enumerate(items):
        at = f"products/{number}"
        for problem in _wrong("products", [item], at):
            problem.pointer = problem.pointer.replace("/parameters/products/0", f"/parameters/{at}", 1)
            found.append(problem)
    return found or _wrong("products", items, "products")


def _wrong_together(parameters: Mapping[str, Any]) -> list[Invalid]:
    """What contradicts itself only between one section and another."""
    try:
        read(parameters)
    except Invalid as problem:
        return [problem]
    return []
