"""`csem registry duplicates`: the search and what follows it, from the command line."""

import json
from pathlib import Path

from deploy.house import House
from tests.registry.test_command import home, run, written
from tests.registry.workbooks import dui, submission, workbook

__all__ = ["home"]


def test_the_inventory_is_searched_listed_merged_and_taken_apart(home: House, tmp_path: Path) -> None:
    again = submission(2, apellidos="Inventada 1", doc_num=dui(10_000_001), nombre_neg="Tienda 1")
    file = written(tmp_path, workbook([submission(1), again]))
    assert run(home, "import", file).exit_code == 0
    before = run(home, "digest").output.strip().splitlines()[-1]
    searched = run(home, "duplicates", "scan")
    assert (searched.exit_code, "1 pares pendientes, de ellos 1 seguros." in searched.output) == (0, True)
    listed = run(home, "duplicates", "list")
    assert "segura" in listed.output
    (pair,) = [json.loads(line) for line in run(home, "duplicates", "list", "--json").stdout.splitlines()]
    assert (pair["decision"], pair["one"]["given_names"]) == ("same", "Rosa")
    assert run(home, "duplicates", "merge-certain").exit_code == 1  # nobody said yes
    assert "1 pares unidos" in run(home, "duplicates", "merge-certain", "--yes").output
    assert run(home, "digest").output.strip().splitlines()[-1] != before
    with home.service("registry").database.reading() as session:
        from services.registry.models import DuplicateMerge

        merge = session.query(DuplicateMerge).one().id
    undone = run(home, "duplicates", "undo", str(merge))
    assert (undone.exit_code, "como antes" in undone.output) == (0, True)
    assert run(home, "digest").output.strip().splitlines()[-1] == before
    refused = run(home, "duplicates", "undo", str(merge))
    assert refused.exit_code == 1
