"""The guards of the service, each with how it is taken away: what the machine must then find."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from services.credit.models import AgendaItem, Application, CopyEnterprise, Loan, RollSeat, oversight
from services.credit.rules.quorum import Quorum
from services.credit.use_cases import (
    carry_out_change,
    cast_vote,
    close_item,
    disburse_loan,
    find,
    give_assent,
    pay_tranche,
    reverse_repayment,
    use_overpayment,
)

Gone = tuple[Any, str, Any]


def _nothing(*_given: Any, **_facts: Any) -> None:
    return None


def _standing(session: Any, _fund: Any, application: Any, *_: Any) -> Any:
    return CopyEnterprise.standing(session, application.enterprise_id)


def _as_asked(_session: Any, fund: Any, _loan: Any, amount: Any) -> int:
    return int(fund.cents(amount))


def _reached(*_given: Any) -> Quorum:
    return Quorum(9, 0, ())


GUARDS: dict[str, tuple[tuple[Gone, ...], str]] = {
    "quorum": (
        (
            (cast_vote, "require_quorum", _nothing),
            (close_item, "require_quorum", _nothing),
            (close_item, "voting_quorum", _reached),
        ),
        "no quorum",
    ),
    "composition": (
        (
            (cast_vote, "require_quorum", _nothing),
            (close_item, "require_quorum", _nothing),
            (close_item, "voting_quorum", _reached),
        ),
        "approved without ['leda']",
    ),
    "recusal": (((AgendaItem, "is_recused", lambda *_: False),), "who was recused voted"),
    "conflict": (((RollSeat, "conflict_with", _nothing),), "voted"),
    "appraiser": (((Application, "appraised_by", lambda *_: False),), "who appraised voted"),
    "concentration": (((close_item, "require_within_limits", _nothing),), "beyond the limit of one borrower"),
    "agreement": (((oversight, "require_agreement", _nothing),), "no Agreement Letter was in force"),
    "assent": (((disburse_loan, "require_assent", _nothing),), "paid out with 1 assents of 2"),
    "judge_assents": (((give_assent, "_require_apart", _nothing),), "who judged it assented"),
    "consent": (((disburse_loan, "require_met", _standing),), "paid out without consent"),
    "collector": (((Loan, "handled_by", lambda *_: False),), "who paid out took a repayment"),
    "collector_changes": (((Loan, "collected_by", lambda *_: False),), "who changed a loan took a repayment"),
    "changer_collects": (((Loan, "handled_by", lambda *_: False),), "who changed a loan took a repayment"),
    "collector_reverses": (((reverse_repayment, "_require_may", _nothing),), "who took a repayment reversed it"),
    "voter_changes": (((find, "voters", lambda *_: set()),), "who voted carried it out"),
    "change_suspended": (((carry_out_change, "require_lending", _nothing),), "changed while lending was suspended"),
    "tranche_suspended": (((pay_tranche, "require_lending", _nothing),), "changed while lending was suspended"),
    "held": (((use_overpayment, "_held", _as_asked),), "more was given back than was held"),
    "available": (((close_item, "_require_funds", _nothing),), "approved beyond what is available"),
    "suspension": (
        ((close_item, "require_lending", _nothing), (disburse_loan, "require_lending", _nothing)),
        "while lending was suspended",
    ),
    "conditions": (((disburse_loan, "require_conditions", _nothing),), "paid out with a condition open"),
    "expiry": (((disburse_loan, "require_unexpired", _nothing),), "the approval held until"),
    "voter_disburses": (((find, "voters", lambda *_: set()),), "who voted paid out"),
    "cash": (((disburse_loan, "require_cash", _nothing),), "cash is less than nothing"),
}
"""By name: what is put in its place, and a word of what the oracle says then."""


@contextmanager
def without(guard: str) -> Iterator[None]:
    """The service without one of its guards."""
    with ExitStack() as stack:
        for place, name, instead in GUARDS[guard][0]:
            stack.enter_context(patch.object(place, name, instead))
        yield
