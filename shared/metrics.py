"""What Prometheus sees: requests by operation, and what the other mechanisms count."""

import os
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

REQUESTS = Counter("csem_requests_total", "HTTP requests", ("service", "operation", "status"))
SECONDS = Histogram(
    "csem_request_seconds",
    "Seconds per HTTP request",
    ("service", "operation"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def exposition() -> tuple[bytes, str]:
    """The text format and its content type; gathers all worker processes where gunicorn runs several."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def counter(name: str, told: str, labels: tuple[str, ...] = ()) -> Counter:
    return Counter(name, told, labels)


def gauge(name: str, told: str, labels: tuple[str, ...] = (), mode: Any = "livemostrecent") -> Gauge:
    """A gauge; with several processes the most recent value of a living one counts."""
    return Gauge(name, told, labels, multiprocess_mode=mode)
