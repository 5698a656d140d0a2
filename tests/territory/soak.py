"""Honduras' whole directory of establishments, protected and attacked: 66,532 cells.

    python -m tests.territory.soak --data ../shared/data
    python -m tests.territory.soak --departments 09,11,17

It tells how far it is, keeps what it has come to, goes on from there when it is started again with the same folder, and
ends with 1 where a withheld cell can be recovered.
"""

import json
import pickle
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from tests.territory.test_suppression import Honduras, establishments


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), default=Path("../shared/data"))
@click.option("--departments", help="Only these are divided into municipalities.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where what it has come to is kept.")
def main(data: Path, departments: str | None, keep: Path | None) -> None:
    """Protect, attack, tell."""
    folder = data / "establishments_hn"
    every = {place[:2] for place, _, _ in establishments(folder)[0]}
    honduras = Honduras(folder, set(departments.split(",")) if departments else every)
    begun, started = time.process_time(), time.monotonic()

    def tell(what: str) -> None:
        click.echo(f"{time.monotonic() - started:7.0f} s  {what}", err=True)

    told, lost = _protected(honduras, keep, tell)
    tell(f"protected: {lost['cells']} cells, {lost['primary']} + {lost['secondary']} withheld")
    attacked = time.process_time()
    recovered = honduras.recovered(told, lost["own"], **_attacking(keep, tell))
    took = {"attacking_cpu_s": round(time.process_time() - attacked), "cpu_s": round(time.process_time() - begun)}
    shown = {name: value for name, value in lost.items() if name != "own"}
    click.echo(json.dumps(shown | {"recovered": len(recovered)} | took))
    raise SystemExit(bool(recovered))


def _protected(honduras: Honduras, keep: Path | None, tell) -> tuple[dict, dict]:
    path = keep / "protected.pickle" if keep else None
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    made = honduras.protected(lambda share: tell(f"protecting: {share:.1%}"))
    if keep and path:
        keep.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
    return made


def _attacking(keep: Path | None, tell) -> dict:
    """What an attack tells while it goes on, and where an earlier one was."""
    path = keep / "attack.pickle" if keep else None
    begun = pickle.loads(path.read_bytes()) if path and path.exists() else None

    def left(wanted: Mapping) -> None:
        sides = Counter(sign for _, sign in wanted)
        tell(f"attacking: {sides[1]} not found higher yet, {sides[-1]} not found lower")
        if path:
            path.write_bytes(pickle.dumps(set(wanted)))

    return {"left": left, "begun": begun}


if __name__ == "__main__":
    main()
