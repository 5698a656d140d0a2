"""The commands for rates, sets, published cells, criteria, introductions, sent files and places of points."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.kernel import Invalid, NotFound, Refused
from shared.testing import person
from tests.territory.commands.conftest import Run
from tests.territory.conftest import register
from tests.territory.test_boundaries import run_jobs
from tests.territory.test_establishments import directory
from tests.territory.test_introductions import grower, roaster
from tests.territory.test_tables import VALLE, adopted, women_of

NOBODY = "0190a0a0-0000-7000-8000-000000000000"
WOMEN = ("HN17", "--indicator", "population", "--sex", "women")


def test_a_rate_is_told_with_its_source_and_written(service: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    adopted(service.database, women_of(VALLE))
    with service.database.transaction() as session:
        register(session, 12)

    told = run("rates", *WOMEN)

    assert "HN1709        12.00  12 / 1000  San Lorenzo" in told
    assert "HN 2024: Población 2024 (INE)" in told
    assert told.splitlines()[-1].strip() == "100%"
    out = tmp_path / "tasas.csv"
    run("rates", *WOMEN, "--per", "100", "-o", out)
    assert "HN1709;San Lorenzo;12;1000" in out.read_text(encoding="utf-8-sig")
    assert "per_100" in out.read_text(encoding="utf-8-sig")


def test_a_rate_of_what_there_is_not_says_so(run: Run, tmp_path: Path) -> None:
    assert "HN1709            -  0 / -  San Lorenzo" in run("rates", *WOMEN)
    with pytest.raises(Invalid, match=r"unit\.unknown"):
        run("rates", "HN99", *WOMEN[1:])
    with pytest.raises(Refused, match=r"body\.invalid_fields"):
        run("rates", *WOMEN, "--ciiu", "pan")
    assert "--indicator" in run("rates", "HN17", "--indicator", "luck", code=2)
    assert "--output" in run("rates", *WOMEN, "-o", tmp_path / "tasas.pdf", code=2)


def test_a_set_is_shown_and_its_values_written(service: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    adopted(service.database, women_of(VALLE))
    made = run("denominators", "list").split()[0]

    shown = run("denominators", "show", made)
    assert "Población 2024 / Population 2024" in shown
    assert "INE. pública" in shown
    out = tmp_path / "valores.csv"
    run("denominators", "export", made, "-o", out, "--unit", "HN1709")
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert {line.split(";")[0] for line in lines[1:]} == {"HN1709"}
    for words in (("show", NOBODY), ("export", NOBODY, "-o", out)):
        with pytest.raises(NotFound, match=r"denominators\.unknown"):
            run("denominators", *words)


def test_published_cells_are_written_and_withhold_a_few(service: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    adopted(service.database, directory(), indicator="establishments")
    run_jobs(service)
    made = run("establishments", "list").split()[0]
    out = tmp_path / "celdas.csv"

    run("establishments", "cells", made, "-o", out, "--place", "HN1709", "--ciiu", "1079")
    assert "withheld" in out.read_text(encoding="utf-8-sig")
    run("establishments", "show", made, "--place", "HN1709", "--ciiu", "10", "-o", out, "--language", "en")
    assert "1079;1079;withheld" in out.read_text(encoding="utf-8-sig")
    with pytest.raises(Refused, match=r"body\.invalid_fields"):
        run("establishments", "cells", made, "-o", out, "--ciiu", "pan")
    with pytest.raises(NotFound, match=r"denominators\.unknown"):
        run("establishments", "cells", NOBODY, "-o", out)


def test_editions_of_criteria_are_listed(run: Run) -> None:
    assert run("criteria", "list") == ""
    kind, _, rest = run("criteria", "show").partition("  ")
    name, _, number = rest.splitlines()[1].split()[0].partition("=")
    told = ("--from", "2100-01-01", "--source", "Acta ficticia", "--unit", "HN17")
    made = run("criteria", "adopt", kind, f"{name}={number}", *told).strip()

    assert f"{made}  {kind}" in run("criteria", "list", "--kind", kind)
    assert "Acta ficticia" in run("criteria", "list")


def test_an_introduction_is_followed_and_put_right(service: SimpleNamespace, run: Run) -> None:
    with service.database.transaction() as session:
        buyer, seller = roaster(session), grower(session)
    made = run("introductions", "mark", buyer, seller, "coffee_cherries", "made").strip()

    run("introductions", "correct", made, "business", "--note", "Compra cada mes")

    assert "business" in run("introductions", "followed", "--unit", "HN17", "--mark", "business")
    assert run("introductions", "followed", "--mark", "declined") == ""
    shown = run("introductions", "show", made)
    assert f"coffee_cherries  {buyer} <- {seller}" in shown
    assert "Compra cada mes" in shown
    for words in (("show", NOBODY), ("correct", NOBODY, "made")):
        with pytest.raises(NotFound, match=r"introduction\.unknown"):
            run("introductions", *words)


def test_files_that_were_sent_are_listed_with_what_is_wrong(service: SimpleNamespace, run: Run) -> None:
    keeper = person("network_coordinator", scope="*")
    for content, name in ((women_of(VALLE), "bien.csv"), (b"\x00\x01", "mal.csv")):
        form = {"file": (io.BytesIO(content), name), "purpose": "denominators", "indicator": "population"}
        sent = service.call(keeper, "POST", "/table-files", data=form | {"year": "2024"})
        assert sent.status_code == 202, sent.text
        run_jobs(service)

    listed = {line.split()[-1]: line.split()[0] for line in run("sent-files", "list").splitlines()}

    good, bad = run("sent-files", "show", listed["bien.csv"]), run("sent-files", "show", listed["mal.csv"])
    assert "bien.csv: read" in good
    assert "9 filas" in good
    assert "mal.csv: unreadable" in bad
    assert len(bad.splitlines()) > 1
    with pytest.raises(NotFound, match=r"file\.unknown"):
        run("sent-files", "show", NOBODY)


def test_a_point_is_located_and_held_against_what_was_declared(run: Run) -> None:
    assert "HN1709  San Lorenzo, Valle" in run("locate", "-87.447", "13.424", "--declared", "HN1709")
    assert "contradicts" in run("locate", "-87.447", "13.424", "--declared", "GT0101")
    assert run("locate", "0", "0").startswith("-  -")
    for wrong in (("500", "13"), ("nan", "13"), ("-87", "13", "--declared", "San Lorenzo")):
        with pytest.raises(Refused, match=r"body\.invalid_fields"):
            run("locate", *wrong)
