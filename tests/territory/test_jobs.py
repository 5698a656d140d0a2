"""Whatever a use case puts off, the worker does."""

import importlib
import pkgutil
from types import SimpleNamespace

from services.territory import use_cases


def test_the_worker_knows_every_job_that_a_use_case_names(service: SimpleNamespace) -> None:
    [runner] = [loop for loop in service.built.worker.loops if loop.name == "territory-jobs"]
    named = {}
    for found in pkgutil.iter_modules(use_cases.__path__):
        module = importlib.import_module(f"{use_cases.__name__}.{found.name}")
        named |= {value: f"{found.name}.{name}" for name, value in vars(module).items() if name.endswith("_JOB")}
    assert named
    assert {value: name for value, name in named.items() if value not in runner.handlers} == {}
