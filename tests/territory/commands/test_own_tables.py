"""The commands for own tables and for maps shown to others."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock
from tests.territory.commands.conftest import Run
from tests.territory.own_tables.conftest import keep

NOBODY = "0190a0a0-0000-7000-8000-000000000000"
BY_CHAIN = ("--measure", "enterprises", "--rows", "place", "--columns", "chain", "--unit", "HN17")


def test_what_may_be_chosen_is_told_and_a_table_shown_before_it_is_kept(
    gulf: SimpleNamespace,
    run: Run,
    tmp_path: Path,
) -> None:
    told = {line.split()[0]: line for line in run("own-tables", "choices", "--measure", "loans").splitlines()}
    assert "loan_state" in told["rows"]
    assert "chain" not in told["rows"]

    shown = run("own-tables", "preview", *BY_CHAIN)
    assert "Amapala" in shown
    assert "reservado" in shown
    out = tmp_path / "tabla.csv"
    run("own-tables", "preview", *BY_CHAIN, "-o", out)
    assert "reservado" in out.read_text(encoding="utf-8-sig")
    assert "--output" in run("own-tables", "preview", *BY_CHAIN, "-o", tmp_path / "tabla.doc", code=2)
    with pytest.raises(Refused, match=r"own_table\.no_drawing"):
        run("own-tables", "preview", *BY_CHAIN, "-o", tmp_path / "tabla.svg")


def test_a_table_is_kept_changed_shared_and_removed(gulf: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    table = run("own-tables", "keep", "Cadenas ficticias", *BY_CHAIN).strip()
    assert "propia" in run("own-tables", "list")
    assert "measure=enterprises" in run("own-tables", "show", table)

    run("own-tables", "change", table, "--shared", "--chart", "bars")
    assert "compartida" in run("own-tables", "list")
    run("own-tables", "export", table, "-o", tmp_path / "tabla.svg")
    run("own-tables", "change", table, "--title", "Solo lugares", "--without", "columns", "--own")
    shown = run("own-tables", "show", table)
    assert shown.splitlines()[1] == "Solo lugares"
    assert "columns=" not in shown
    assert "chart=bars" in shown
    assert "propia" in run("own-tables", "list")

    run("own-tables", "remove", table)
    assert run("own-tables", "list") == ""
    with pytest.raises(NotFound, match=r"own_table\.unknown"):
        run("own-tables", "show", table)


def test_what_no_publication_holds_is_refused(gulf: SimpleNamespace, run: Run) -> None:
    with pytest.raises(Invalid, match=r"own_table\.not_published"):
        run("own-tables", "keep", "x", "--measure", "men", "--rows", "chain", "--unit", "HN17")
    with pytest.raises(Invalid, match=r"unit\.unknown"):
        run("own-tables", "keep", "x", "--measure", "men", "--rows", "place", "--unit", "HN99")
    run("own-tables", "keep", "Cadenas ficticias", *BY_CHAIN)
    with pytest.raises(Refused, match=r"own_table\.title_taken"):
        run("own-tables", "keep", "Cadenas ficticias", *BY_CHAIN)
    assert "--rows" in run("own-tables", "keep", "x", "--measure", "men", "--unit", "HN17", code=2)


def test_the_table_of_somebody_else_is_read_not_changed(gulf: SimpleNamespace, run: Run) -> None:
    table = keep(gulf).json["id"]

    assert "Cadenas de Valle" in run("own-tables", "show", table)
    for words in (("change", table, "--title", "x"), ("remove", table), ("change", NOBODY), ("remove", NOBODY)):
        with pytest.raises(NotFound, match=r"own_table\.unknown"):
            run("own-tables", *words)


def test_a_map_is_shared_seen_listed_and_taken_back(gulf: SimpleNamespace, run: Run) -> None:
    last = (clock.today() + timedelta(days=30)).isoformat()
    about = ("HN17", "Página ficticia", "--last-day", last, "--kind", "symbols", "--break", "5", "--break", "10")

    made, address = run("map-links", "share", *about, "--chain", "fishing").split()

    token = address.rpartition("/embed/map/")[2]
    seen = gulf.get(Caller.service("portal"), f"/map-links/{token}/map").json
    assert (seen["kind"], seen["expires_on"], bool(seen["published"])) == ("symbols", last, True)
    listed = run("map-links", "list")
    assert "Página ficticia" in listed
    assert address in listed
    run("map-links", "revoke", made)
    assert "revoked" in run("map-links", "list")
    with pytest.raises(Refused, match=r"map_link\.revoked_already"):
        run("map-links", "revoke", made)


def test_a_map_that_cannot_be_shown_to_others_is_not_shared(gulf: SimpleNamespace, run: Run) -> None:
    last = clock.today().isoformat()
    with pytest.raises(Invalid, match=r"unit\.unknown"):
        run("map-links", "share", "HN99", "x", "--last-day", last)
    with pytest.raises(Refused, match=r"map\.filter_not_published"):
        run("map-links", "share", "HN17", "x", "--last-day", last, "--recorded-from", "2026-01-01")
    with pytest.raises(Invalid, match=r"map_link\.last_day"):
        run("map-links", "share", "HN17", "x", "--last-day", "2020-01-01")
    with pytest.raises(NotFound, match=r"map_link\.unknown"):
        run("map-links", "revoke", NOBODY)
    assert run("map-links", "list") == ""
