"""How often a process looks for cycles of objects that nobody holds any more."""

import gc

_NEW, _YOUNG, _OLD = 50_000, 20, 50


def collect_rarely() -> None:
    """Look for cycles after some ten thousand new objects instead of some hundred: nearly all that a service makes dies
    by itself, and looking again and again through the rows of a long job costs a third of it.
    """
    gc.set_threshold(_NEW, _YOUNG, _OLD)
