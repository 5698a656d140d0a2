"""The repayment schedule of a loan, exact to the cent."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.credit.rules import cumulative, progressive
from services.credit.rules.terms import Engine, Method, Period, Row, Terms, periods

_METHODS: dict[tuple[Engine, Method], Callable[[Terms, Sequence[Period]], list[Row]]] = {
    ("progressive", "equal_instalment"): progressive.equal_instalment,
    ("progressive", "equal_principal"): progressive.equal_principal,
    ("progressive", "flat"): progressive.flat,
    ("progressive", "bullet"): progressive.bullet,
    ("progressive", "agreed_shares"): progressive.agreed_shares,
    ("cumulative", "equal_instalment"): cumulative.equal_instalment,
    ("cumulative", "equal_principal"): cumulative.equal_principal,
    ("cumulative", "flat"): cumulative.flat,
    ("cumulative", "bullet"): cumulative.bullet,
    ("cumulative", "agreed_shares"): cumulative.agreed_shares,
}


def schedule(terms: Terms) -> list[Row]:
    """The instalments of a loan under `terms`, first to last; their principal sums to what was lent.

    Both engines follow the conventions written down beside the reference cases of Apache Fineract. A down payment is
    the first row, due on the day of the loan. A fee that is not kept back is asked for with the first instalment.
    """
    rows = _METHODS[terms.engine, terms.method](terms, list(periods(terms)))
    if terms.fee != terms.withheld:
        rows[0] = replace(rows[0], fee=terms.fee)
    if not terms.down_payment:
        return rows
    down = Row(1, 0, terms.start, terms.principal - terms.financed, 0, terms.financed)
    return [down, *(replace(row, number=row.number + 1) for row in rows)]
