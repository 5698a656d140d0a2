"""The repayment schedule of a loan, exact to the cent."""

from collections.abc import Callable, Sequence

from services.credit.rules import cumulative, progressive
from services.credit.rules.terms import Engine, Method, Period, Row, Terms, periods

_METHODS: dict[tuple[Engine, Method], Callable[[Terms, Sequence[Period]], list[Row]]] = {
    ("progressive", "equal_instalment"): progressive.equal_instalment,
    ("progressive", "equal_principal"): progressive.equal_principal,
    ("progressive", "flat"): progressive.flat,
    ("cumulative", "equal_instalment"): cumulative.equal_instalment,
    ("cumulative", "equal_principal"): cumulative.equal_principal,
    ("cumulative", "flat"): cumulative.flat,
}


def schedule(terms: Terms) -> list[Row]:
    """The instalments of a loan under `terms`, first to last; their principal sums to what was lent.

    Both engines follow the conventions written down beside the reference cases of Apache Fineract.
    """
    return _METHODS[terms.engine, terms.method](terms, list(periods(terms)))
