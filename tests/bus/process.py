"""A process with some loops of the toy house, for tests that kill it.

Processes are forked from a server that has imported everything once: a test that starts five of them would otherwise
wait for five times the imports.
"""

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

from shared import logs
from shared.bus import failpoints
from shared.bus.broker import Broker
from shared.bus.relay import Relay
from shared.bus.replay import replay
from shared.bus.sources import LocalFeed
from shared.bus.subscriber import loops
from shared.bus.subscriptions import Consumer
from shared.database import Database
from tests.bus import toy

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.bus.process"])


def started(**told: Any) -> BaseProcess:
    process = _server.Process(target=main, args=(told,), daemon=True)
    process.start()
    return process


def main(told: dict) -> None:
    logs.configure("console")
    os.environ["TOY_HOME"] = told["home"]
    failpoints.arm(told["failpoints"])
    registry, listener = Database(told["registry"]), Database(told["toy"])
    bus = Broker(told["bus"], told["prefix"])
    consumer = Consumer(listener, toy.REGISTRY_ONLY, {"registry": LocalFeed(registry, "registry")})
    if "replay" in told["roles"]:
        replay(consumer)
        return
    wanted = []
    if "listen" in told["roles"]:
        wanted += loops(consumer, bus, poll_seconds=told["poll"])
    if "relay" in told["roles"]:
        wanted.append(Relay(registry, bus, "registry"))
    with ThreadPoolExecutor(len(wanted)) as threads:
        for loop in wanted:
            threads.submit(loop.run, threading.Event())
