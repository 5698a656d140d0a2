"""nameko's event dispatcher: events per second handed over to the broker, one process, a service listening."""

# mypy: ignore-errors

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402

CONFIG = {"AMQP_URI": os.environ["BENCH_BUS"], "max_workers": 10}
BODY = {"id": "018f6f3a-8e2b-7c11-9d5a-1f2e3d4c5b6a", "data": {f"field{number}": "x" * 20 for number in range(20)}}
taken = []


class Listener:
    name = "bench_listener"

    @event_handler("bench_source", "happened")
    def hear(self, payload):
        taken.append(payload["id"])


def main():
    amount = int(sys.argv[1])
    container = ServiceContainer(Listener, config=CONFIG)
    container.start()
    dispatch = event_dispatcher(CONFIG)
    dispatch("bench_source", "happened", BODY)
    eventlet.sleep(1)
    began = time.time()
    for _ in range(amount):
        dispatch("bench_source", "happened", BODY)
    seconds = time.time() - began
    while len(taken) <= amount and time.time() < began + 120:
        eventlet.sleep(0.05)
    container.stop()
    print(amount / seconds)


if __name__ == "__main__":
    main()
