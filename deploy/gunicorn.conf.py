"""How gunicorn runs a service's web application: two processes with threads, metrics gathered over both."""

# ruff: noqa: N999 - gunicorn looks for this name

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# prometheus_client looks at this when it is imported, and forked processes inherit it.
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
if _METRICS not in os.environ:
    os.environ[_METRICS] = tempfile.mkdtemp(prefix="csem-metrics-")

bind = os.environ.get("CSEM_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("CSEM_WEB_WORKERS", "2"))
threads = int(os.environ.get("CSEM_WEB_THREADS", "8"))
worker_connections = 1000
preload_app = True

# The gateway keeps its connections for 60 s: this end must not close first.
keepalive = 75
timeout = 60
graceful_timeout = 25

limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
# The scheme comes from the gateway; paths never come from a header.
forwarded_allow_ips = os.environ.get("CSEM_GATEWAY_ADDRESSES", "127.0.0.1,::1")
forwarder_headers = ""

# Each request has its line in the application's own log, with its correlation id and without its query.
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat file, on no disk


def when_ready(_server: Any) -> None:
    """Keep what is loaded before the fork out of the collector, so that its pages stay shared."""
    from shared.garbage import collect_rarely

    gc.collect()
    gc.freeze()
    collect_rarely()


def child_exit(_server: Any, worker: Any) -> None:
    """A gauge of a process that has ended counts no more."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ[_METRICS], ignore_errors=True)
