"""The monthly report finds what broke a rule, however it came to be, and nothing where the rules were kept."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from services.credit.documents.compliance import CompliancePrint
from services.credit.documents.printed import FOLDER
from services.credit.models import (
    Acta,
    AgendaItem,
    Application,
    Condition,
    LedgerLine,
    Loan,
    Recusal,
    Repayment,
    Resolution,
    RollSeat,
    Suspension,
    Vote,
)
from services.credit.queries.compliance import CHECKS, report
from services.credit.queries.documents import verification
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import notify_members
from services.credit.use_cases.form_committee import declare_interest
from services.credit.use_cases.hold_session import open_session
from services.credit.use_cases.print_paper import print_compliance
from shared import files
from shared.events.vocabulary import CHAINS
from shared.kernel import clock, uuid7
from shared.testing import person
from tests.credit.house import CHAIR, COORDINATOR, LEDA, MEMBERS, TODAY, URL, House, names
from tests.credit.test_conditions import REASONS, conditional, meet, show
from tests.credit.test_printed import code_of, text_of

MONTH = date(2026, 3, 1)
RULES = {
    "notice": {"days": 0, "source": "art. 11"},
    "approvals": {"days": 30, "source": "art. 16"},
    "conflicts": {"degree": 4, "source": "art. 9"},
    "reasons": REASONS,
}


@pytest.fixture
def house(session: Any) -> House:
    return House.build(session, **RULES)


@pytest.fixture
def month(house: House) -> House:
    """A month in which every rule had its occasion: a loan with a condition and a repayment, and minutes."""
    application = conditional(house)
    show(house, application)
    meet(house, application)
    with clock.frozen(TODAY + timedelta(minutes=5)):
        house.repay(house.disburse(application), "500.00")
    meeting = house.opened(house.appraised("2000.00"))
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    return house


def found(house: House, month: date = MONTH) -> dict[str, list[str]]:
    """The rules that were broken, and how."""
    house.session.flush()
    house.session.expire_all()
    told = report(house.session, house.fund, month)
    assert [check["rule"] for check in told["checks"]] == [check.code for check in CHECKS]
    broken = [check for check in told["checks"] if check["state"] == "broken"]
    return {check["rule"]: [one["what"] for one in check["findings"]] for check in broken}


def test_where_the_rules_were_kept_nothing_is_found(month: House):
    assert found(month) == {}
    told = {check["rule"]: check for check in report(month.session, month.fund, MONTH)["checks"]}
    assert told["quorum"]["examined"] == 2
    assert {told[rule]["state"] for rule in ("conditions", "segregation", "minutes", "repayments", "books")} == {"kept"}
    assert told["reasons"]["state"] == "nothing"
    assert told["expiry"]["source"] == "Reglamento de Crédito, 1: art. 16"
    assert told["quorum"]["source"] == "Reglamento de Crédito, 1", "it names no article"
    assert told["groups"]["source"] == "", "the edition says nothing of it: the rule is the service's own"
    assert all(
        check["state"] == "nothing" or check["rule"] in {"numbering", "funds"}
        for check in report(month.session, month.fund, date(2026, 1, 1))["checks"]
    )


def change(house: House, entity: Any, **values: Any) -> None:
    house.session.execute(update(entity).values(**values))


def drop_votes(house: House) -> None:
    leda = select(RollSeat.id).where(RollSeat.subject == LEDA.subject)
    house.session.execute(delete(Vote).where(Vote.roll_seat_id.in_(leda)))


def recuse_a_voter(house: House) -> None:
    vote = house.session.scalars(select(Vote)).first()
    assert vote
    house.session.add(Recusal(item_id=vote.item_id, roll_seat_id=vote.roll_seat_id, reason="Sí", declared_at=TODAY))


def make_a_voter_the_appraiser(house: House) -> None:
    for application in house.session.scalars(select(Application)):
        application.appraisals[0].appraised_by = CHAIR.subject


def share_a_seat(house: House) -> None:
    seats = house.session.scalars(select(RollSeat).order_by(RollSeat.id)).all()
    seats[3].alternate_for_id = seats[0].seat_id


def unbalance(house: House) -> None:
    line = house.session.scalars(select(LedgerLine).where(LedgerLine.account == "1201")).first()
    assert line
    line.amount += 1


def suspend(house: House) -> None:
    house.session.add(
        Suspension(
            fund_id=house.fund.id,
            reason="x",
            suspended_at=TODAY - timedelta(days=1),
            suspended_by="t",
            suspended_by_name="T",
        )
    )


@pytest.mark.parametrize(
    ("breach", "expected"),
    [
        (drop_votes, {"quorum": ["constituency_missing"] * 2}),
        (recuse_a_voter, {"conflicts": ["recused_voted"]}),
        (make_a_voter_the_appraiser, {"conflicts": ["appraiser_voted"] * 2}),
        (share_a_seat, {"one_vote": ["seat_voted_twice"]}),
        (lambda house: change(house, Vote, choice="refuse"), {"majority": ["other_outcome"] * 2}),
        (lambda house: change(house, Condition, met_at=TODAY + timedelta(days=1)), {"conditions": ["condition_open"]}),
        (lambda house: change(house, Condition, met_at=None, state="open"), {"conditions": ["condition_open"]}),
        (
            lambda house: change(house, Resolution, expires_on=date(2026, 3, 4)),
            {"expiry": ["other_expiry", "other_expiry", "after_expiry"]},
        ),
        (lambda house: change(house, Loan, disbursed_by=CHAIR.subject), {"segregation": ["voter_paid_out"]}),
        (
            lambda house: change(house, Resolution, amount=1),
            {"limits": ["other_amount"], "funds": ["other_promise"]},
        ),
        (suspend, {"suspension": ["while_suspended"] * 3}),
        (lambda house: change(house, Repayment, posted_by="officer"), {"repayments": ["payer_collected"]}),
        (unbalance, {"books": ["unbalanced", "sheet_open", "subledger_differs"]}),
        (lambda house: change(house, Acta, previous_hash="0" * 64), {"minutes": ["broken_chain"]}),
        (lambda house: change(house, Acta, hash="0" * 64), {"minutes": ["bad_signature"]}),
        (lambda house: house.session.execute(delete(Acta)), {"minutes": ["no_minutes"]}),
        (
            lambda house: change(house, Resolution, outcome="refused"),
            {"majority": ["other_outcome"] * 2, "reasons": ["no_reason"] * 2, "resolution": ["no_resolution"]},
        ),
    ],
)
def test_each_breach_is_found_and_named(month: House, breach, expected):
    breach(month)
    broken = found(month)
    if breach is share_a_seat:  # a seat fewer is also a quorum to be looked at
        broken.pop("quorum", None)
    assert broken == expected


def test_a_gap_in_the_numbers_is_found(month: House):
    last = month.session.scalars(select(Resolution).order_by(Resolution.id.desc())).first()
    assert last
    last.number = "FON-R-2026-0004"
    assert found(month) == {"numbering": ["gap"]}


def test_an_interest_that_was_declared_after_the_vote_breaks_nothing(month: House):
    item = month.session.scalars(select(AgendaItem)).first()
    assert item
    application = month.session.get_one(Application, item.application_id)
    facts = {"committee_id": month.committee_id, "seat_id": month.seats[LEDA.subject], "relation": "relative"}
    owner = month.owners[application.enterprise_id]
    declare_interest(month.session, LEDA, entrepreneur_id=owner, **facts)
    assert found(month) == {}
    vote = month.session.scalars(select(Vote).where(Vote.subject == LEDA.subject)).first()
    assert vote
    vote.id = uuid7()
    assert found(month) == {"conflicts": ["interested_voted"]}


def test_a_session_called_too_late_is_found_unless_its_reason_is_noted(session: Any):
    house = House.build(session, notice={"days": 5, "source": "art. 11"})
    meeting = house.convened(house.appraised())
    seats = [house.seats[who.subject] for who in MEMBERS]
    notify_members(session, COORDINATOR, session_id=meeting.id, seats=seats, channel="phone", reason="Urge")
    open_session(session, CHAIR, session_id=meeting.id, present=seats)
    assert found(house) == {}
    meeting.short_notice = ""
    assert found(house) == {"notice": ["late_notice"]}
    session.delete(meeting.notified[-1])
    assert found(house) == {"notice": ["not_notified"]}


def test_the_largest_borrower_chain_and_municipality_have_their_share(house: House):
    house.disbursed("6000.00")
    house.disbursed("2000.00")
    shares = {row["kind"]: row for row in report(house.session, house.fund, MONTH)["concentration"]}
    assert (str(shares["borrower"]["outstanding"]), shares["borrower"]["percent"]) == ("6000.00", "75.0")
    assert (shares["chain"]["of"], shares["chain"]["percent"]) == ("food_processing", "100.0")


@pytest.mark.parametrize(("language", "words"), [("es", "se incumplió"), ("en", "broken")])
def test_the_report_is_printed_and_can_be_verified(month: House, language, words):
    change(month, Loan, disbursed_by=CHAIR.subject)
    month.session.expire_all()
    trust = person("trust_fund_member", scope="HN17", subject="trust")
    said = text_of(
        print_compliance(month.session, trust, fund_id=month.fund.id, month=MONTH, language=language, public_url=URL)
    )
    for part in (words, "FON-2026-03", "FON-P-2026-0001", "art. 16"):
        assert part in said, part
    told = verification(month.session, code_of(said))
    assert told
    assert (told["kind"], told["number"]) == ("compliance", "FON-2026-03")


def test_damaged_minutes_are_found(month: House, monkeypatch: pytest.MonkeyPatch):
    def damaged(*_: Any) -> bytes:
        raise files.DamagedFile("x")

    monkeypatch.setattr(files, "read", damaged)
    assert found(month) == {"minutes": ["bad_signature"]}


def test_the_paper_tells_what_was_broken_before_the_table_and_says_everything_in_words(month: House):
    unbalance(month)
    told = report(month.session, month.fund, MONTH)
    assert told["concentration"][1]["of"] in CHAINS
    assert "books" in {check["rule"] for check in told["checks"] if check["state"] == "broken"}
    said = " ".join(text_of(CompliancePrint.of(month.fund, told, "es").render(URL)).split())
    assert said.index("Qué se incumplió") < said.index("el asiento no cuadra") < said.index("Fuente")
    assert "Reglamento y edición Reglamento de Crédito, 1" in said
    assert "Regla del servicio" in said
    assert "art. 16" in said
    assert "Reglamento de Crédito, 1: art. 16" not in said, "the edition stands once, above"
    assert told["concentration"][1]["of"] not in said


def test_every_value_chain_has_its_words_on_paper():
    words = (FOLDER / "words.typ").read_text().split("#let chain(code) = (")[1].split(").at(")[0]
    assert set(re.findall(r"^  (\w+): tr\(", words, re.MULTILINE)) == set(CHAINS)
