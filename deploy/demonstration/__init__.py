"""The demonstration territory: a centre on the Gulf of Fonseca with invented women, its fund, committee and groups.

Everything is entered through the same APIs that the pages use, by the people whose work it would be.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from deploy.demonstration.accounts import ACCOUNTS, CENTRE, PASSWORD, open_accounts
from deploy.demonstration.action_plans import diagnose_firms
from deploy.demonstration.classes import assist, teach
from deploy.demonstration.community import talk
from deploy.demonstration.councils import gain_influence
from deploy.demonstration.curricula import design_curricula
from deploy.demonstration.diplomas import hand_out_diplomas
from deploy.demonstration.drafts import receive_drafts
from deploy.demonstration.duplicates import write_twice
from deploy.demonstration.fairs import go_to_fair
from deploy.demonstration.inventory import register_enterprises
from deploy.demonstration.kept_lists import keep_lists
from deploy.demonstration.learning import ask_groups
from deploy.demonstration.lending import lend, set_up_lending
from deploy.demonstration.library import fill_library, train_trainers
from deploy.demonstration.outreach import make_known
from deploy.demonstration.profiles import adopt_edition, profile_enterprises
from deploy.demonstration.projects import begin_projects
from deploy.demonstration.rounds import propose_round
from deploy.demonstration.seeding import give, set_up_seed
from deploy.demonstration.social_responsibility import raise_awareness
from deploy.demonstration.speaker import Speaker
from deploy.demonstration.standing import Standing, alone, can_be_cleared, clear, mark, standing
from deploy.demonstration.stories import tell_stories
from deploy.demonstration.teaching import form_groups
from deploy.house import House
from shared.identity import Caller, Scope
from shared.kernel import clock
from shared.settings import SERVICES, Settings
from shared.tokens import Keyring
from shared.web import Peers

__all__ = ["ACCOUNTS", "CENTRE", "PASSWORD", "People", "load_once"]

ENTERPRISES = 300
_PATIENCE_SECONDS = 60


class People:
    """The demonstration's people, each able to speak to every service of `house`."""

    def __init__(self, house: House, ids: dict[str, str]) -> None:
        settings: Settings = house.settings("portal")
        self._keyring = Keyring(settings.keys, "portal")
        self._peers = Peers(settings, self._keyring, house)
        self.ids = ids
        self._speakers = {account.username: self._speaker(account.username) for account in ACCOUNTS}

    def __getitem__(self, username: str) -> Speaker:
        return self._speakers[username]

    @property
    def portal(self) -> Speaker:
        """The portal, speaking for those who have no account."""
        return Speaker("portal", self._peers.client)

    def caller(self, username: str) -> Caller:
        """Who she is when a use case asks."""
        account = next(account for account in ACCOUNTS if account.username == username)
        return Caller(self.ids[username], account.name, frozenset(account.roles), Scope.of(*account.units))

    def _speaker(self, username: str) -> Speaker:
        caller = self.caller(username)
        return Speaker(
            username,
            lambda service: self._peers.client(service, token=lambda: self._keyring.sign(caller, seconds=300)),
        )


def load_once(house: House, tell: Callable[[str], Any]) -> bool:
    """Whether the demonstration is in the house: loads it where there is nothing, and anew where only a part of it is
    (the first start was interrupted). Where somebody else has worked nothing is touched, and it is told why.

    Leaves no connection to a database open: SQLite's must not cross a fork.
    """
    try:
        with alone(house):
            return _load(house, tell)
    finally:
        house.dispose()


def _load(house: House, tell: Callable[[str], Any]) -> bool:
    found = standing(house)
    if found is Standing.WHOLE:
        return True
    if found is Standing.OTHERS_WORK:
        tell("  Aquí ya hay cuentas o datos que no son de la demostración: no se carga, y nada se ha cambiado.")
        tell("  Para verla, use otra carpeta: CSEM_HOME=var/demostracion make run")
        return False
    if found is Standing.PART:
        if not can_be_cleared(house):
            tell("  La demostración quedó a medias. Vacíe las bases de datos de los servicios y empiece de nuevo.")
            return False
        tell("  La demostración quedó a medias; se empieza de nuevo.")
        clear(house)
    tell("  Preparando el territorio de demostración…")
    mark(house, "begin")
    _enter(house)
    mark(house, "finish")
    return True


def _enter(house: House) -> None:
    people = People(house, open_accounts(house))
    with _working(house):
        enterprises = register_enterprises(house, people.caller("coordinadora"), ENTERPRISES)
        profile_enterprises(house, people.caller("coordinadora"), enterprises)
        adopt_edition(house, people.caller("coordinadora"))
        make_known(people["coordinadora"], people["tecnica"], enterprises)
        keep_lists(people["coordinadora"])
        receive_drafts(house, people.caller("coordinadora"))
        gain_influence(people["coordinadora"], people["comite.mujeres"], people["planificadora"])
        with clock.frozen(clock.now() - timedelta(days=400)):
            lending = set_up_lending(people)
            seed = set_up_seed(people)
        newest = f"/enterprises/{enterprises[-1].id}/eligibility"
        _await(lambda: people["oficial"].sees("credit", newest, fund=lending.fund))
        give(people, seed, enterprises)
        lend(people, lending, enterprises)
        begin_projects(people["tecnica"], people.ids["tecnica"], enterprises)
        train(people)
        go_to_fair(people["tecnica"], people["formadora"], enterprises, _await)
        write_twice(house, people.caller("coordinadora"))


def train(people: People) -> None:
    """Groups are formed, taught and asked; one ended; small firms come to a workshop and are followed up."""
    trainer = people["formadora"]
    with clock.frozen(clock.now() - timedelta(days=40)):
        groups = form_groups(trainer, _await, ENTERPRISES)
    propose_round(trainer)
    teach(trainer, groups[0])
    assist(trainer)
    design_curricula(trainer, people["tecnica"], people["coordinadora"], people.portal, groups)
    ask_groups(trainer, people.portal, groups)
    hand_out_diplomas(trainer, groups[2])
    raise_awareness(trainer, people["coordinadora"])
    diagnose_firms(trainer, people["rse"])
    fill_library(trainer, people["coordinadora"])
    train_trainers(trainer, people["coordinadora"])
    tell_stories(trainer, people["rse"], people["coordinadora"])
    talk(trainer, people["tecnica"], people["coordinadora"])


@contextmanager
def _working(house: House) -> Iterator[None]:
    """The workers run while the demonstration is entered, so that the services hear of each other.

    They are waited for until the last step of a solver is done: a process that ends in the middle of one is aborted,
    and the demonstration would count as not loaded.
    """
    for name in SERVICES:
        house.service(name).worker.start()
    try:
        yield
    finally:
        for name in SERVICES:
            house.service(name).worker.ask_to_stop()
        for name in SERVICES:
            house.service(name).worker.stop(timeout=_PATIENCE_SECONDS)


def _await(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise RuntimeError("the services did not hear of each other in time")
        time.sleep(0.1)
