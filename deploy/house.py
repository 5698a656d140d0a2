"""The services of one process, built when somebody first asks for them."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import RLock
from typing import Any, cast

from shared.database import Database, migrate
from shared.service import Service
from shared.settings import SERVICES, Settings
from shared.tokens import Keyring, create_keys
from shared.web import Peers


class House(Mapping[str, Any]):
    """Some or all of the five services in one process; as a mapping it gives their WSGI applications.

    A service that another one calls at an `inprocess://` address is built by that call, so a command that needs
    only one service loads only what it touches.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._built: dict[str, Service] = {}
        self._building = RLock()

    def settings(self, name: str) -> Settings:
        return Settings.read(name, self._environ)

    def service(self, name: str) -> Service:
        """The service `name`, composed by its own `app.py`; the same one for every thread that asks."""
        with self._building:
            if name not in self._built:
                settings = self.settings(name)
                keyring = Keyring(settings.keys, name)
                build = import_module(f"services.{name}.app").build
                self._built[name] = build(settings, keyring, Peers(settings, keyring, self))
            return self._built[name]

    def create_keys(self) -> None:
        """A signing key and a secret for each service, where there is none yet."""
        for name in SERVICES:
            create_keys(self.settings(name).keys, name)

    def migrate(self, *names: str) -> None:
        """Bring the databases of `names` (all five where none is named) to the newest version."""
        for name in names or SERVICES:
            database = Database(self.settings(name).database_url)
            migrate(database, name)
            database.dispose()

    def dispose(self) -> None:
        """Let go of every connection to the databases; whoever asks again gets new ones."""
        for service in self._built.values():
            service.database.dispose()

    def __getitem__(self, name: str) -> Any:
        return self.service(name).web

    def get(self, name: str, default: Any = None) -> Any:
        """The WSGI application of `name`."""
        del default
        return cast("Any", self.service(name).web)

    def __iter__(self) -> Iterator[str]:
        return iter(SERVICES)

    def __len__(self) -> int:
        return len(SERVICES)
