"""The donor report: who is counted, what is withheld, and that page, API, command and papers tell the same."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, jsonify, request
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from services.training import cli
from services.training.app import build
from services.training.models import TrainingGroup
from services.training.queries.donor_report import donor_report, month_end, trained_women
from services.training.rules.learning.donor_table import LEAST, Amounts, table, total_line
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.plan_session import plan_session
from shared.events.registry import EntrepreneurMerged
from shared.kernel import Invalid, clock, uuid7
from shared.service import Service
from shared.testing import fill, headers, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.portal.conftest import Portal, built, text_of
from tests.training.house import TODAY, TRAINER, tell, woman_of
from tests.training.test_learning import form, measure, say, write

APRIL = datetime(2026, 4, 6, 15, 0, tzinfo=UTC)
MARCH = date(2026, 3, 31)
ROOT = "/api/training/v1/donor-report"


class Registry:
    """A registry that knows one circumstance of everybody: she is forty and Lenca, and speaks Spanish."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[Any] = []
        self.web = Flask("registry")
        self.web.add_url_rule("/api/registry/v1/circumstances/sums", view_func=self._sums, methods=["POST"])
        self.web.add_url_rule("/api/registry/v1/lists/languages", view_func=self._languages)

    def _sums(self) -> Any:
        if self.away:
            return "", 503
        body = request.get_json()
        self.asked.append(body)
        women = body["women"]
        sums = [sum(values) for values in zip(*(woman["amounts"] for woman in women), strict=True)]
        codes = {"age": "30", "people": "lenca", "language": "spa", "disability": "no", "head_of_household": "yes"}
        rows = {name: [{"code": code, "women": len(women), "sums": sums}] for name, code in codes.items()}
        return jsonify({"items": [{"name": name, "rows": found} for name, found in rows.items()]})

    def _languages(self) -> Any:
        return jsonify({"items": [{"code": "spa", "name": "Español"}]})


def train(session: Session) -> TrainingGroup:
    """A group of eight whose women were at two sessions (the first two at one), were tested, and completed but one."""
    group = form(session)
    instrument = write(session)
    before, after = (measure(session, group, instrument, moment) for moment in ("before", "after"))
    for day in (9, 10):
        told: dict[str, Any] = {"first_day": date(2026, 3, day), "starts": "08:00", "ends": "10:30", "place": "Aula"}
        planned = plan_session(session, TRAINER, group_id=group.id, title="Costos", **told)
        with clock.frozen(datetime(2026, 3, day, 18, 0, tzinfo=UTC)):
            for woman in range(1 if day == 9 else 3, 9):
                marked = {"entrepreneur_id": woman_of(woman), "status": "present"}
                mark_attendance(session, TRAINER, session_id=planned.id, mark_id=uuid7(), **marked)
    for woman in range(1, 7):
        say(session, before, woman, "1", "1", "2")
        say(session, after, woman, "2", "1", "5")
    with clock.frozen(datetime(2026, 3, 20, 18, 0, tzinfo=UTC)):
        women = [woman_of(woman) for woman in range(1, 9)]
        ended: dict[str, Any] = {"group_id": group.id, "version": None, "completed_on": date(2026, 3, 20)}
        complete_group(session, TRAINER, **ended, entrepreneur_ids=women)
    return group


def test_each_woman_is_counted_once_with_what_she_did(session: Session) -> None:
    train(session)
    women = trained_women(session, ["HN17"], MARCH)
    assert len(women) == 8
    assert women[woman_of(1)].amounts == Amounts(1, 1, 1, 150, 1, 5_000)
    assert women[woman_of(8)].amounts == Amounts(1, 1, 2, 300, 0, 0)
    told = donor_report(women, None, ["HN17"], MARCH)
    total = told["total"]
    assert (total["women"], total["completed"], total["sessions"], total["minutes"]) == (8, 8, 14, 2_100)
    assert total["gain"] == 50
    sectors = next(one for one in told["tables"] if one["name"] == "sector")
    assert [(row["code"], row["women"]) for row in sectors["rows"]] == [("A", 8)]
    tell(session, EntrepreneurMerged(survivor_id=woman_of(1), absorbed_id=woman_of(2)), woman_of(1))
    assert len(trained_women(session, ["HN17"], MARCH)) == 7


def test_what_came_after_the_day_is_not_told(session: Session) -> None:
    train(session)
    assert trained_women(session, ["HN17"], date(2026, 2, 28)) == {}
    assert trained_women(session, ["GT"], MARCH) == {}


def test_a_report_is_of_the_end_of_a_month() -> None:
    with clock.frozen(APRIL):
        assert month_end(None) == MARCH
        assert month_end(date(2026, 2, 28)) == date(2026, 2, 28)
        for day in (date(2026, 3, 30), date(2026, 4, 30)):
            with pytest.raises(Invalid, match=r"donor_report\.no_month_end"):
                month_end(day)
    with clock.frozen(datetime(2026, 4, 30, 15, 0, tzinfo=UTC)):
        assert month_end(None) == date(2026, 4, 30)


@pytest.mark.parametrize("seed", range(200))
def test_what_is_withheld_cannot_be_worked_out_and_totals_reconcile(seed: int) -> None:
    chance = Random(seed)
    cells = {}
    for number in range(chance.randint(1, 8)):
        women = chance.choice([0, 1, 2, 3, 4, 5, 6, 9, 30])
        completed = chance.randint(0, women)
        cells[str(number)] = Amounts(women, completed, women * 3, women * 90, chance.randint(0, women), women * 100)
    total = Amounts(*map(sum, zip(*(one.all for one in cells.values()), strict=True)))
    lines = table(cells, total, adds_up=True)
    everybody = total_line(total)
    for column in ("women", "completed"):
        hidden = [line.code for line in lines if getattr(line, column) is None]
        told = [getattr(line, column) for line in lines if getattr(line, column) is not None]
        assert all(not 0 < value < LEAST for value in told)
        left = getattr(total, column) - sum(told)
        assert left == sum(getattr(cells[code], column) for code in hidden)
        if getattr(everybody, column) is not None and hidden and any(getattr(cells[code], column) for code in hidden):
            counted = [code for code in hidden if cells[code].women]
            assert len(counted) >= 2 or left == 0
            assert left == 0 or left >= LEAST
    for line in lines:
        if line.completed is not None and line.women is not None:
            assert not 0 < line.women - line.completed < LEAST


def test_a_language_is_withheld_where_it_or_the_rest_is_small() -> None:
    cells = {"spa": Amounts(28, 28), "len": Amounts(12, 12), "miq": Amounts(3, 3), "ixl": Amounts(6, 6)}
    told = {line.code: line.women for line in table(cells, Amounts(30, 30), adds_up=False)}
    assert told == {"spa": None, "len": 12, "miq": None, "ixl": 6}


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring], registry: Registry) -> Iterator[Service]:
    settings = settings_of("training", tmp_path)
    made = build(settings, keys["training"], Peers(settings, keys["training"], {"registry": registry.web}))
    fill(made.database, "training")
    with made.database.transaction() as session:
        train(session)
    with clock.frozen(APRIL):
        yield made
    made.database.dispose()


def get(service: Service, keys: dict[str, Keyring], path: str = "", by: Any = TRAINER, **query: Any) -> Any:
    return service.web.test_client().get(ROOT + path, headers=headers(keys, by), query_string=query)


def test_the_registry_is_asked_for_sums_and_told_no_name(
    service: Service, keys: dict[str, Keyring], registry: Registry
) -> None:
    told = get(service, keys).json
    assert (told["as_of"], told["complete"], told["total"]["hours"]) == ("2026-03-31", True, 35.0)
    people = next(one for one in told["tables"] if one["name"] == "people")
    assert [(row["label"], row["women"], row["gain"]) for row in people["rows"]] == [("Pueblo lenca", 8, 50.0)]
    (asked,) = registry.asked
    assert asked["age_from"] == [18, 30, 45, 60]
    assert {frozenset(woman) for woman in asked["women"]} == {frozenset({"id", "amounts"})}


def test_without_the_registry_it_is_half_and_not_printed(
    service: Service, keys: dict[str, Keyring], registry: Registry
) -> None:
    registry.away = True
    told = get(service, keys).json
    assert (told["complete"], len(told["tables"])) == (False, 4)
    refused = get(service, keys, "/document")
    assert (refused.status_code, refused.json["code"]) == (409, "donor_report.incomplete")


@pytest.mark.parametrize(
    ("query", "status"), [({"as_of": "2026-03-30"}, 422), ({"unit": "HN99"}, 422), ({"unit": "GT01"}, 403)]
)
def test_wrong_questions_are_refused(
    service: Service, keys: dict[str, Keyring], query: dict[str, str], status: int
) -> None:
    assert get(service, keys, **query).status_code == status


def test_only_who_works_with_trainings_reads_it(service: Service, keys: dict[str, Keyring]) -> None:
    for role in ("planner", "leda_viewer", "csr_reviewer", "admin"):
        assert get(service, keys, by=person(role)).status_code == 403


def test_papers_tell_what_the_api_tells_and_can_be_verified(service: Service, keys: dict[str, Keyring]) -> None:
    told = get(service, keys).json
    pdf = get(service, keys, "/document", format="pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.data == get(service, keys, "/document", format="pdf").data, "the same facts, the same bytes"
    text = get(service, keys, "/document", format="csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    expected = [told["total"], *(row for one in told["tables"] for row in one["rows"])]
    assert [row[1] for row in rows[1:]] == [row["label"] for row in expected]
    assert [row[2] for row in rows[1:]] == [str(row["women"]) for row in expected]
    book = load_workbook(io.BytesIO(get(service, keys, "/document", format="xlsx").data))
    sheet, about = book.worksheets
    assert [row[2].value for row in list(sheet)[1:]] == [row["women"] for row in expected]
    (address,) = [row[0].value for row in about if "/verify/" in str(row[0].value)]
    code = address.rpartition("/")[2]
    portal = {"Authorization": f"Bearer {keys['portal'].service_token()}"}
    found = service.web.test_client().get(f"/api/training/v1/documents/{code}/verification", headers=portal)
    assert (found.status_code, found.json["number"]) == (200, "DON-20260331-HN17")
    missing = service.web.test_client().get(f"/api/training/v1/documents/{'0' * 64}/verification", headers=portal)
    assert missing.status_code == 404


def test_the_command_tells_what_the_api_tells(service: Service, keys: dict[str, Keyring], tmp_path: Path) -> None:
    place = SimpleNamespace(service=lambda _name: service)
    out = tmp_path / "report.csv"
    words = ["donor-report", "--unit", "HN17", "--out", str(out)]
    CliRunner().invoke(cli.group, words, obj=place, catch_exceptions=False)
    assert out.read_bytes() == get(service, keys, "/document", format="csv", unit="HN17").data


def test_the_page_shows_and_hands_out_the_report(tmp_path: Path, registry: Registry) -> None:
    with built("sqlite", tmp_path) as found:
        portal: Portal = found
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, portal.keys["training"], {"registry": registry.web})
        made = build(settings, portal.keys["training"], peers)
        fill(made.database, "training")
        portal.apps["training"] = made.web
        with clock.frozen(APRIL):
            trainer = portal.signed_in("trainer", units=("HN17",))
            assert 'class="empty"' in trainer.get("/training/donor-report").text
            with made.database.transaction() as session, clock.frozen(TODAY):
                train(session)
            told = text_of(trainer.get("/training/donor-report?unit=HN17&as_of=2026-03-31"))
            for said in ("Pueblo lenca", "Jefa de hogar", "Español", "Sesiones-persona", "Desde 30 años"):
                assert said in told
            assert "Elija un fin de mes" in text_of(trainer.get("/training/donor-report?as_of=2026-03-30"))
            paper = trainer.get("/training/donor-report/document?format=csv&unit=HN17&as_of=2026-03-31")
            assert (paper.status_code, "informe-donantes" in paper.headers["Content-Disposition"]) == (200, True)
            registry.away = True
            assert "El inventario no responde ahora" in text_of(trainer.get("/training/donor-report"))
        made.database.dispose()
