"""The portal, composed: accounts and sign-in, the pages, and clients of the four APIs."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from flask import Blueprint

from services.portal import pages as rooms
from services.portal.api import accounts, tokens
from services.portal.frame import setup
from shared.database import Database
from shared.service import Service, Worker
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, believe_proxies, create_app

HERE = Path(__file__).parent
AREAS = ("registry", "territory", "training", "credit")


def build(settings: Settings, keyring: Keyring, peers: Peers) -> Service:
    """The portal as a service."""
    database = Database(settings.database_url)
    web = create_app(
        "portal",
        database=database,
        keyring=keyring,
        resources=[tokens.resource, accounts.resource, accounts.people],
        locale=HERE / "locale",
    )
    web.extensions["peers"] = peers
    web.extensions["settings"] = settings
    web.register_blueprint(tokens.keys)
    for blueprint in pages():
        web.register_blueprint(blueprint)
    setup.install(web, settings, keyring)
    believe_proxies(web, settings.trusted_proxies)
    return Service(settings, database, web, Worker([]))


def pages() -> list[Blueprint]:
    """The blueprints of all pages: every module of `pages` has one."""
    names = sorted(module.name for module in iter_modules(rooms.__path__))
    return [import_module(f"{rooms.__name__}.{name}").blueprint for name in names]
