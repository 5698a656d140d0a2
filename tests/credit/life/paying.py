"""Rules of the machine: money goes out, comes back, is taken back, and moves between the fund and who gave it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services.credit.models import Loan
from services.credit.use_cases.book_bank_item import book_bank_item
from services.credit.use_cases.count_drawer import count_drawer
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.keep_fund import change_reserve, deposit_cash, record_contribution
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.share_income import pay_income_part, share_income
from services.credit.use_cases.use_overpayment import apply_overpayment, refund_overpayment
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared.identity import Caller
from shared.kernel import clock
from tests.credit import closing
from tests.credit.house import COORDINATOR, URL, names
from tests.credit.life.run import NIGHTS, RIPE, Run, cents, paying, people, pick, when

month_ends = st.sampled_from([date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 3, 15)])
back = st.integers(0, 40)
HELD = "SELECT id FROM loan ORDER BY (SELECT sum(excess) FROM repayment WHERE loan_id = loan.id) IS NULL, id LIMIT 2"


class Paying(Run):
    """What moves money, by whomever."""

    @rule(which=pick, by=paying, ago=st.sampled_from([0, 0, 0, 1, 9]), part=st.sampled_from([100, 100, 50]))
    def disburse(self, which: int, by: Caller, ago: int, part: int = 100) -> None:
        """All that was approved, or a part of it."""
        query = "SELECT id FROM application ORDER BY state <> 'approved', kind NOT IN ('loan', 'refinance'), id LIMIT 2"

        def step(found: UUID) -> Any:
            [[amount]] = self.driver.execute("SELECT approved_amount FROM application WHERE id = ?", (found.hex,))
            handed = None if part == 100 else self.house.fund.money(max(1, amount * part // 100))
            day = clock.today() - timedelta(days=ago)
            told = {"application_id": found, "disbursed_on": day, "amount": handed}
            return disburse_loan(self.session, by, names=names, public_url=URL, **told)

        self.on_one("disburse_loan", which, query, step)

    @rule(
        which=pick,
        by=paying,
        amount=st.one_of(st.integers(1, 1_500_00), cents),
        ago=st.sampled_from([0, 0, 0, 1, 9, 40]),
        hold=st.sampled_from([False, False, True]),
    )
    def repay(self, which: int, by: Caller, amount: int, ago: int, *, hold: bool = False) -> None:
        def step(found: UUID) -> Any:
            money, day = self.house.fund.money(amount), clock.today() - timedelta(days=ago)
            loan, channel = self.session.get_one(Loan, found), "cash" if amount % 2 else "trustee"
            return self.house.repay(loan, "", by, channel, money=money, paid_on=day, hold_excess=hold)

        self.on_one("post_repayment", which, "SELECT id FROM loan ORDER BY state = 'settled', id", step)

    @when("paid")
    @rule(which=pick, by=people, to=st.sampled_from([None, None, *range(4)]))
    def reverse(self, which: int, by: Caller, to: int | None) -> None:
        """A repayment is reversed, or stands on another loan instead."""
        target = None if to is None else self.some(to, "SELECT id FROM loan ORDER BY id")
        self.on_one(
            "reverse_repayment",
            which,
            "SELECT id FROM repayment ORDER BY reversed_on IS NOT NULL, reverses_id IS NOT NULL, id DESC LIMIT 4",
            lambda found: reverse_repayment(self.session, by, repayment_id=found, reason="Otra socia", move_to=target),
        )

    @when("paid_twice")
    @rule(which=pick, by=people)
    def reverse_out_of_order(self, which: int, by: Caller) -> None:
        """A repayment is reversed while a later one of the same loan stands."""
        self.on_one(
            "reverse_repayment",
            which,
            f"SELECT r.id FROM {RIPE['paid_twice']} ORDER BY r.id",
            lambda found: reverse_repayment(self.session, by, repayment_id=found, reason="Otra socia"),
        )

    @when("held")
    @rule(which=pick, by=people, amount=st.integers(1, 400_00), channel=st.sampled_from(["cash", "trustee"]))
    def refund(self, which: int, by: Caller, amount: int, channel: str) -> None:
        money = self.house.fund.money(amount)
        self.on_one(
            "refund_overpayment",
            which,
            HELD,
            lambda found: refund_overpayment(self.session, by, loan_id=found, amount=money, channel=channel),
        )

    @when("held")
    @rule(which=pick, to=pick, by=people, amount=st.integers(1, 400_00))
    def pay_with_what_is_held(self, which: int, to: int, by: Caller, amount: int) -> None:
        """Likelier on another loan of the same enterprise."""
        money = self.house.fund.money(amount)

        def step(found: UUID) -> Any:
            query = f"SELECT t.id FROM loan t, loan o WHERE o.id = '{found.hex}' ORDER BY t.enterprise_id <> o.enterprise_id,"
            target = self.some(to, f"{query} t.id = o.id, t.id LIMIT 3")
            assert target
            return apply_overpayment(self.session, by, loan_id=found, target_id=target, amount=money)

        self.on_one("apply_overpayment", which, HELD, step)

    @rule(amount=cents, repayable=st.booleans(), ago=back)
    def contribute(self, amount: int, repayable: bool, ago: int) -> None:
        facts = {"funder": "Banco", "source": "bank", "repayable": repayable}
        self._in_fund(record_contribution, amount, received_on=clock.today() - timedelta(days=ago), **facts)

    @rule(which=pick, amount=cents, interest=st.sampled_from([0, 0, 1, 500_00]))
    def withdraw_contribution(self, which: int, amount: int, interest: int) -> None:
        found = self.some(which, "SELECT id FROM contribution ORDER BY id")
        facts = {"contribution_id": found, "interest": self.house.fund.money(interest), "reason": "Cuota"}
        self._in_fund(withdraw_contribution, amount, paid_on=clock.today(), **facts)

    @rule(item=st.sampled_from(["bank_charge", "bank_interest"]), amount=cents, ago=back)
    def bank_item(self, item: str, amount: int, ago: int) -> None:
        self._in_fund(book_bank_item, amount, item=item, memo="Nota", booked_on=clock.today() - timedelta(days=ago))

    @rule(amount=st.integers(1, 800_00))
    def deposit(self, amount: int) -> None:
        self._in_fund(deposit_cash, amount, deposited_on=clock.today())

    def _in_fund(self, use_case: Callable[..., Any], amount: int, **facts: Any) -> None:
        money = self.house.fund.money(amount)
        self.attempt(
            use_case.__name__,
            lambda: use_case(self.session, COORDINATOR, fund_id=self.fund_id, amount=money, **facts),
        )

    @rule(amount=st.integers(0, 900_00), reason=st.sampled_from(["", "Cambio"]))
    def count(self, amount: int, reason: str) -> None:
        counted = self.house.fund.money(amount)
        self.attempt(
            "count_drawer",
            lambda: count_drawer(self.session, COORDINATOR, fund_id=self.fund_id, counted=counted, reason=reason),
        )

    @rule(reserve=st.integers(0, 5_000_00))
    def reserve(self, reserve: int) -> None:
        facts = {"if_match": None, "reserve": self.house.fund.money(reserve)}
        self.attempt("change_reserve", lambda: change_reserve(self.session, COORDINATOR, fund_id=self.fund_id, **facts))

    @rule(day=month_ends)
    def share(self, day: date) -> None:
        self.attempt("share_income", lambda: share_income(self.session, COORDINATOR, fund_id=self.fund_id, ends_on=day))

    @rule(which=pick)
    def pay_share(self, which: int) -> None:
        self.on_one(
            "pay_income_part",
            which,
            "SELECT id FROM income_part ORDER BY id",
            lambda found: pay_income_part(
                self.session, COORDINATOR, fund_id=self.fund_id, part_id=found, paid_on=clock.today()
            ),
        )

    @precondition(lambda self: self.nights < NIGHTS)
    @rule(days=st.sampled_from([1, 1, 2, -1]))
    def close_day(self, days: int) -> None:
        """The next nights are closed; the first close of a fund is of yesterday."""
        [[closed]] = self.driver.execute("SELECT max(day) FROM daily_close")
        last = clock.today() - timedelta(days=2) if closed is None else date.fromisoformat(closed)
        day = last + timedelta(days=days)
        self.nights += 1
        self.attempt("close_day", lambda: closing.close(self.session, self.fund_id, day))
