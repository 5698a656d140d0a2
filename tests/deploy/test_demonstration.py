"""The demonstration is loaded whole or anew, and never into a house where somebody works."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

import deploy.demonstration as demonstration
from deploy import embedded
from deploy.csem import main
from deploy.demonstration import load_once
from deploy.demonstration.accounts import ACCOUNTS
from deploy.demonstration.inventory import register_enterprises
from deploy.demonstration.standing import Standing, alone, can_be_cleared, standing
from deploy.house import House
from services.portal.models import Account
from services.portal.use_cases.open_account import open_account
from services.registry.models import Enterprise
from shared import history
from shared.identity import Caller
from shared.kernel import uuid7

FEW = 12
SOMEBODY = Caller.operator("rosa")


@contextmanager
def small(lend: Callable[..., None] = lambda *_: None) -> Iterator[None]:
    """A few women instead of three hundred, with accounts and a fund but without groups, duplicates and fairs."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(demonstration, "ENTERPRISES", FEW)
        changed.setattr(demonstration, "lend", lend)
        changed.setattr(demonstration, "train", lambda *_: None)
        changed.setattr(demonstration, "go_to_fair", lambda *_: None)
        changed.setattr(demonstration, "write_twice", lambda *_: None)
        changed.setattr(demonstration, "make_known", lambda *_: None)
        yield


def started(home: Path) -> House:
    """A house as `csem run` has it before it loads the demonstration."""
    house = House({"CSEM_HOME": str(home)})
    house.create_keys()
    house.migrate()
    return house


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty")
    started(home)
    return home


@pytest.fixture(scope="module")
def part_of_a_home(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first start was broken off while the loans were entered."""

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    home = copytree(empty_home, tmp_path_factory.mktemp("part") / "home")
    with small(break_off), pytest.raises(KeyboardInterrupt):
        load_once(started(home), lambda _: None)
    return home


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """An empty house, or the part of one that the test asks for."""
    given = "part_of_a_home" if request.node.get_closest_marker("usefixtures") else "empty_home"
    with small():
        yield copytree(request.getfixturevalue(given), tmp_path / "home")


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    house = House({"CSEM_HOME": str(home)})
    yield house
    house.dispose()


def counted(house: House) -> tuple[int, int]:
    """Accounts and enterprises."""
    with house.service("portal").database.reading() as session:
        accounts = session.scalar(select(func.count()).select_from(Account))
    with house.service("registry").database.reading() as session:
        enterprises = session.scalar(select(func.count()).select_from(Enterprise))
    house.dispose()
    return accounts or 0, enterprises or 0


def open_files(home: Path) -> list[str]:
    """The databases under `home` that this process holds open."""
    targets = (entry.resolve() for entry in Path("/proc/self/fd").iterdir())
    return [str(path) for path in targets if path.is_relative_to(home) and ".sqlite" in path.name]


def test_it_is_loaded_once(house: House) -> None:
    told: list[str] = []
    assert load_once(house, told.append)
    assert load_once(house, told.append)
    assert counted(house) == (len(ACCOUNTS), FEW)
    assert len(told) == 1


def test_neither_connections_nor_threads_are_left_for_the_fork(house: House, home: Path) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        load_once(house, lambda _: None)
        assert open_files(home) == []
        assert set(threading.enumerate()) <= before


def test_a_service_is_built_once_however_many_ask_for_it(house: House) -> None:
    """The loops of one that was built twice would run on for ever beside the other's."""
    asking = threading.Barrier(8)

    def ask(_: int) -> int:
        asking.wait()
        return id(house.service("registry"))

    with ThreadPoolExecutor(8) as people:
        assert len(set(people.map(ask, range(8)))) == 1


@pytest.mark.usefixtures("part_of_a_home")
def test_what_was_broken_off_is_begun_anew(house: House) -> None:
    with house.service("registry").database.transaction() as session:  # as its reactions do: nobody has worked here
        history.record(session, Caller.service("registry"), subject=uuid7(), kind="accompaniment", action="open")
    assert standing(house) is Standing.PART
    assert load_once(house, lambda _: None)
    assert standing(house) is Standing.WHOLE
    assert counted(house) == (len(ACCOUNTS), FEW)


@pytest.mark.usefixtures("part_of_a_home")
def test_a_part_among_which_somebody_has_worked_is_left_as_it_is(house: House) -> None:
    register_enterprises(house, SOMEBODY, 1)
    told: list[str] = []
    assert not load_once(house, told.append)
    assert counted(house) == (len(ACCOUNTS), FEW + 1)
    assert "no son de la demostración" in told[0]


@pytest.mark.usefixtures("part_of_a_home")
def test_a_part_in_the_databases_of_a_server_is_left_to_who_keeps_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not can_be_cleared(House({"CSEM_CREDIT_DATABASE_URL": "postgresql://credit@127.0.0.1/credit"}))
    monkeypatch.setattr(demonstration, "can_be_cleared", lambda _: False)
    told: list[str] = []
    assert not load_once(house, told.append)
    assert counted(house) == (len(ACCOUNTS), FEW)
    assert "Vacíe las bases de datos" in told[0]


def test_an_inventory_that_came_before_any_account_gets_no_invented_women(house: House) -> None:
    register_enterprises(house, SOMEBODY, 2)
    told: list[str] = []
    assert not load_once(house, told.append)
    assert counted(house) == (0, 2)
    assert "no se carga" in told[0]


def test_a_house_with_an_account_of_its_own_is_left_as_it_is(house: House, home: Path) -> None:
    with house.service("portal").database.transaction() as session:
        open_account(session, SOMEBODY, username="rosa", name="Rosa", roles=["admin"], units=["*"])
    assert not load_once(house, lambda _: None)
    assert open_files(home) == []
    assert counted(house) == (1, 0)


def test_a_second_start_waits_for_what_the_first_is_loading(house: House, home: Path) -> None:
    over: list[bool] = []
    second = threading.Thread(target=lambda: over.append(load_once(started(home), lambda _: None)))
    with alone(house):
        second.start()
        second.join(0.5)
        assert over == []
    second.join(60)
    assert over == [True]


@pytest.mark.parametrize("somebody_works", [False, True])
def test_the_demonstrations_accounts_are_told_only_where_they_exist(
    house: House, home: Path, monkeypatch: pytest.MonkeyPatch, somebody_works: bool
) -> None:
    class Started:
        def __init__(self, _house: House, *, port: int, ready: Callable[[], None]) -> None:
            self.run = ready

    if somebody_works:
        register_enterprises(house, SOMEBODY, 1)
    else:
        load_once(house, lambda _: None)
    house.dispose()
    monkeypatch.setattr(embedded, "Embedded", Started)
    monkeypatch.setenv("CSEM_HOME", str(home))
    done = CliRunner().invoke(main, ["run"], catch_exceptions=False)
    assert ("golfo-de-fonseca" in done.output) is not somebody_works
    assert ("csem portal account --admin" in done.output) is somebody_works
