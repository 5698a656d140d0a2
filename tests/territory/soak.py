"""Honduras' whole directory of establishments, protected and attacked: 66,532 cells.

    python -m tests.territory.soak --data ../shared/data
    python -m tests.territory.soak --departments 09,11,17

It ends with 1 where a withheld cell can be recovered.
"""

import json
import time
from pathlib import Path

import click

from tests.territory.test_suppression import attack_on_honduras, establishments


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), default=Path("../shared/data"))
@click.option("--departments", help="Only these are divided into municipalities.")
def main(data: Path, departments: str | None) -> None:
    """Protect, attack, tell."""
    folder = data / "establishments_hn"
    every = {place[:2] for place, _, _ in establishments(folder)[0]}
    begun = time.process_time()
    lost, recovered = attack_on_honduras(folder, set(departments.split(",")) if departments else every)
    click.echo(json.dumps(lost | {"recovered": len(recovered), "cpu_s": round(time.process_time() - begun)}))
    raise SystemExit(bool(recovered))


if __name__ == "__main__":
    main()
