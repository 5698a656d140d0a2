"""Two processes, a quorum queue, kombu as its documentation writes it: nothing is stored, ordered or repaired."""

# mypy: ignore-errors

import multiprocessing
import os
import sys
import time

import kombu

QUEUE = kombu.Queue(
    "bench.raw", kombu.Exchange("bench.raw", type="topic"), routing_key="#", queue_arguments={"x-queue-type": "quorum"}
)
BODY = {"id": "018f6f3a-8e2b-7c11-9d5a-1f2e3d4c5b6a", "data": {f"field{number}": "x" * 20 for number in range(20)}}


def receive(amount, ready, done):
    left = [amount]

    def hear(_body, message):
        message.ack()
        left[0] -= 1

    with (
        kombu.Connection(os.environ["BENCH_BUS"]) as connection,
        kombu.Consumer(connection.channel(), [QUEUE], callbacks=[hear], prefetch_count=500),
    ):
        ready.set()
        while left[0]:
            connection.drain_events(timeout=60)
    done.set()


def main():
    amount = int(sys.argv[1])
    ready, done = multiprocessing.Event(), multiprocessing.Event()
    receiver = multiprocessing.Process(target=receive, args=(amount, ready, done))
    receiver.start()
    ready.wait(30)
    with kombu.Connection(os.environ["BENCH_BUS"]) as connection:
        producer = connection.Producer(serializer="json")
        began = time.time()
        for _ in range(amount):
            producer.publish(BODY, exchange=QUEUE.exchange, routing_key="org.csem.registry.bench", delivery_mode=2)
        done.wait(300)
        print(amount / (time.time() - began))
        receiver.join(10)
        connection.default_channel.queue_delete("bench.raw")
        connection.default_channel.exchange_delete("bench.raw")


if __name__ == "__main__":
    main()
