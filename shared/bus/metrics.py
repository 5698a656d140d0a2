"""What the bus shows to Prometheus."""

from shared.metrics import counter, gauge

PUBLISHED = counter("csem_bus_published_total", "Events handed to the broker", ("source",))
LOG_HEAD = gauge("csem_bus_log_head", "Last position of a service's own log", ("source",))
PUBLISHED_THROUGH = gauge("csem_bus_published_through", "Last position handed to the broker", ("source",))

TAKEN = counter(
    "csem_bus_taken_total",
    "Events taken, by what became of them: applied, skipped, parked, held",
    ("consumer", "source", "outcome"),
)
DROPPED = counter(
    "csem_bus_dropped_total",
    "Messages dropped: duplicate, malformed, beyond_head, other_log",
    ("consumer", "source", "reason"),
)
CURSOR = gauge("csem_bus_cursor", "Last position taken", ("consumer", "source"))
FEED_HEAD = gauge("csem_bus_feed_head", "Last position that the source's feed has shown", ("consumer", "source"))
PARKED = gauge("csem_bus_parked", "Events parked or held", ("consumer", "source"))
STOPPED = gauge("csem_bus_stopped", "1 while a consumer refuses a source whose log is another", ("consumer", "source"))
RETRIED = counter("csem_bus_retried_total", "Attempts at parked events, by outcome", ("consumer", "source", "outcome"))
