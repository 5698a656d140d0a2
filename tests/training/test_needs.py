"""What training knows of needs: copied from the registry and from loans, the same in whatever order they arrive."""

from collections.abc import Callable
from itertools import permutations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import CopyEnterprise, CopyNeed, CopyOwner, TrainingGroup
from services.training.queries.needs import needs_board
from services.training.subscriptions import SUBSCRIPTIONS
from shared.bus.replay import canonical
from shared.events.registry import EnterpriseChanged
from tests.training.house import (
    CHOLUTECA,
    COORDINATOR,
    LA_UNION,
    NACAOME,
    TECHNICIAN,
    TRAINER,
    facts,
    lend,
    number,
    register,
    register_many,
    tell,
    withdraw,
)


def board(session: Session, caller=COORDINATOR, **filters) -> dict[tuple[str, str], dict[str, int]]:
    return {(row["chain"], row["need"]): row for row in needs_board(session, caller, filters)}


def copies(session: Session) -> str:
    session.flush()
    return canonical(session, SUBSCRIPTIONS.copy_tables)


def test_the_board_counts_women_by_chain_and_need(session: Session) -> None:
    register_many(session, 1, 3, needs=["quality", "market"])
    register(session, 4, partners=2, needs=["quality"])
    register(session, 5, chain="honey", needs=["market"])
    told = board(session)
    assert (told["fishing", "quality"]["women"], told["fishing", "quality"]["enterprises"]) == (5, 4)
    assert told["fishing", "market"]["women"] == 3
    assert told["honey", "market"]["women"] == 1


def test_each_sees_her_own_territory(session: Session) -> None:
    register(session, 1)
    register(session, 2, municipality=CHOLUTECA)
    register(session, 3, municipality=LA_UNION)
    assert board(session, TRAINER)["fishing", "quality"]["women"] == 1
    assert board(session, TECHNICIAN)["fishing", "quality"]["women"] == 2
    assert board(session, COORDINATOR)["fishing", "quality"]["women"] == 2
    assert board(session, COORDINATOR, unit=CHOLUTECA)["fishing", "quality"]["women"] == 1


def test_a_changed_enterprise_has_only_its_new_needs(session: Session) -> None:
    register(session, 1, needs=["quality", "market"])
    tell(session, EnterpriseChanged(facts=facts(1, needs=["training"], municipality=NACAOME)), number(1))
    assert set(board(session)) == {("fishing", "training")}


def test_an_enterprise_that_stopped_needs_nothing(session: Session) -> None:
    register(session, 1)
    tell(session, EnterpriseChanged(facts=facts(1, active=False)), number(1))
    assert board(session) == {}


def test_a_loan_tells_what_its_borrower_needs(session: Session) -> None:
    register(session, 1, needs=["credit"])
    lend(session, 1, ["quality", "market"])
    told = board(session)
    assert told["fishing", "quality"]["borrowers"] == 1
    assert told["fishing", "credit"]["borrowers"] == 0


def test_the_same_need_from_profile_and_loan_counts_once(session: Session) -> None:
    register(session, 1, needs=["quality"])
    lend(session, 1, ["quality"])
    row = board(session)["fishing", "quality"]
    assert (row["women"], row["borrowers"]) == (1, 1)


def test_a_loan_that_arrives_before_its_enterprise_makes_a_stub_that_the_enterprise_fills(session: Session) -> None:
    lend(session, 1, ["quality"])
    assert board(session)["fishing", "quality"]["women"] == 1
    assert session.get(CopyEnterprise, number(1)).state == "stub"
    register(session, 1, chain="honey", needs=["market"])
    assert set(board(session)) == {("honey", "market"), ("honey", "quality")}


def test_events_of_two_sources_give_the_same_copies_in_whatever_order_they_arrive(session: Session) -> None:
    """Order holds inside a source only."""
    registry: list[Callable[[], None]] = [
        lambda: register(session, 1, partners=2),
        lambda: tell(session, EnterpriseChanged(facts=facts(1, partners=2, needs=["market"])), number(1)),
        lambda: withdraw(session, 1, 1, alone=False),
        lambda: tell(session, EnterpriseChanged(facts=facts(1, needs=["market"])), number(1)),
        lambda: withdraw(session, 1),
    ]
    credit: list[Callable[[], None]] = [
        lambda: lend(session, 1, ["quality"]),
        lambda: lend(session, 1, ["market"], 9_500),
    ]
    seen = set()
    for places in {tuple(sorted(chosen)) for chosen in permutations(range(7), 2)}:
        with session.begin_nested() as savepoint:
            waiting, later = iter(registry), iter(credit)
            for position in range(7):
                next(later if position in places else waiting)()
            seen.add(copies(session))
            savepoint.rollback()
    assert len(seen) == 1


def test_a_woman_who_withdrew_is_gone_from_the_copies_and_nothing_brings_her_back(session: Session) -> None:
    register(session, 1)
    lend(session, 1, ["market"])
    withdraw(session, 1)
    lend(session, 1, ["training"], 9_500)
    tell(session, EnterpriseChanged(facts=facts(1)), number(1))
    assert board(session) == {}
    assert session.scalar(select(func.count()).select_from(CopyOwner)) == 0
    assert session.scalar(select(func.count()).select_from(CopyNeed)) == 0
    blank = session.get(CopyEnterprise, number(1))
    session.refresh(blank)
    assert (blank.state, blank.municipality, blank.lon) == ("withdrawn", "", None)


def test_her_partner_stays(session: Session) -> None:
    register(session, 1, partners=2)
    tell(session, EnterpriseChanged(facts=facts(1, owner_ids=facts(1, partners=2).owner_ids[1:])), number(1))
    withdraw(session, 1, 0, alone=False)
    assert board(session)["fishing", "quality"]["women"] == 1


def test_copies_write_no_group() -> None:
    assert TrainingGroup.__table__ not in SUBSCRIPTIONS.copy_tables
