"""How one service takes part in the bus: what its worker runs, and what its web application shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint

from shared.bus import feed, resource, subscriber
from shared.bus.broker import Broker
from shared.bus.relay import Relay
from shared.bus.sources import HttpFeed
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.database import Database
from shared.service import Loop
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web import Peers, Resource


@dataclass(frozen=True)
class Station:
    """The relay and the subscribers of a service, its feed for other services, its parked events for the portal."""

    loops: Sequence[Loop]
    feed: Blueprint
    resources: Sequence[Resource]


def station(
    settings: Settings, database: Database, keyring: Keyring, peers: Peers, subscriptions: Subscriptions
) -> Station:
    """The station of the service that `settings` names."""
    bus = Broker(settings.bus_url)
    feeds = {source: HttpFeed(peers.internal(source)) for source in subscriptions.sources}
    consumer = Consumer(database, subscriptions, feeds)
    return Station(
        loops=[*subscriber.loops(consumer, bus), Relay(database, bus, settings.service)],
        feed=feed.blueprint(database, settings.service, keyring),
        resources=[resource.resource, resource.sources],
    )
