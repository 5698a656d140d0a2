"""`csem credit regulations` and `csem credit agreement`, as a technician of the house uses them."""

import hashlib
import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from services.credit.cli import group
from shared.testing import settings_of
from tests.credit.house import PARAMETERS, product
from tests.credit.test_adopting import PDF
from tests.credit.test_agreements import PARTIES
from tests.credit.test_competence import LEVELS

WHO = ("--title", "Reglamento", "--source", "Acuerdo 3", "--signatory", "Ana Firmante; Dirección")


@pytest.fixture
def run(database, tmp_path):
    url = database.engine.url.render_as_string(hide_password=False)
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(group, words, obj=house)

    return invoke


@pytest.fixture
def written(tmp_path):
    def write(name: str, content: object) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    return write


def test_an_edition_goes_out_as_json_and_comes_back_changed(build_house, run, written):
    build_house()
    shown = run("regulations", "show", "FON", "--json")
    assert json.loads(shown.output) == PARAMETERS
    changed = written("new.json", json.loads(shown.output) | {"products": product(annual_rate="12")})
    told = run("regulations", "check", "FON", changed)
    assert told.exit_code == 0
    assert re.search(r"/products/working-capital/annual_rate +18 +12", told.output)
    signed = written("signed.pdf", PDF)
    done = run("regulations", "adopt", "FON", changed, *WHO, "--valid-from", "2026-03-05", "--signed", signed)
    assert done.exit_code == 0, done.output
    assert "edition 2 is adopted, in force from 2026-03-05" in done.output
    assert hashlib.sha256(PDF).hexdigest() in done.output
    again = run("regulations", "show", "FON")
    assert re.search(r"/products/working-capital/annual_rate +12 ", again.output)
    assert "whole" in again.output
    assert "no signed file" in run("regulations", "show", "FON", "--edition", "1").output


def test_what_is_wrong_is_told_at_its_place_and_nothing_is_adopted(build_house, run, written):
    build_house()
    wrong = written("wrong.json", PARAMETERS | {"notice": {"days": -1, "source": "x"}, "colour": 1})
    checked = run("regulations", "check", "FON", wrong)
    assert checked.exit_code == 1
    for pointer in ("/parameters/notice/days", "/parameters/colour"):
        assert pointer in checked.output
    refused = run("regulations", "adopt", "FON", wrong, *WHO, "--valid-from", "2026-03-05")
    assert (refused.exit_code, "Nothing was adopted." in refused.output) == (1, True)
    right = written("right.json", PARAMETERS)
    late = run("regulations", "adopt", "FON", right, *WHO, "--valid-from", "2026-03-04")
    assert (late.exit_code, "regulations.retroactive" in late.output) == (1, True)
    who = ("--title", "R", "--source", "A", "--signatory", "Ana", "--valid-from", "2026-03-05")
    assert "Name; Office" in run("regulations", "adopt", "FON", right, *who).output


@pytest.mark.parametrize(
    ("content", "said"), [(b"{", "is not JSON"), ([1], "holds no JSON object")], ids=["broken", "list"]
)
def test_a_file_without_parameters_is_refused(build_house, run, written, content, said):
    build_house()
    assert said in run("regulations", "check", "FON", written("bad.json", content)).output


def test_an_edition_that_is_not_there_is_said_so(build_house, run):
    build_house()
    assert "has no edition 9" in run("regulations", "show", "FON", "--edition", "9").output


def test_a_letter_is_adopted_from_a_file_and_shown(build_house, run, written):
    build_house()
    said = {
        "title": "Carta Convenio",
        "source": "Firmada",
        "valid_from": "2026-03-05",
        "trustee": "Banco Nuevo",
        "trustee_account": "222-333",
        "parties": PARTIES,
        "signatories": [{"name": "Ana Firmante", "office": "ADEL"}],
        "parameters": {"statement_due_day": 10},
    }
    done = run("agreement", "adopt", "FON", written("letter.json", said), "--signed", written("signed.pdf", PDF))
    assert done.exit_code == 0, done.output
    told = run("agreement", "show", "FON").output
    for words in ("(in force)", "Banco Nuevo, 222-333", "statement_due_day: 10", hashlib.sha256(PDF).hexdigest()):
        assert words in told
    for wrong in ({"valid_from": "soon"}, {"colour": 1}, {"valid_from": "2026-03-01"}):
        refused = run("agreement", "adopt", "FON", written("wrong.json", said | wrong))
        assert (refused.exit_code, refused.output.startswith("Error: ")) == (1, True)


def test_what_waits_for_an_assent_and_where_the_money_lies_are_told(build_house, run):
    rules = LEVELS | {"concentration": {"borrower": "10", "source": "art. 20"}}
    build_house(lambda house: house.approved("9000.00"), **rules)
    told = run("assents", "FON").output
    assert re.search(r"FON-R-2026-0001 +9000\.00 +Comité con visto bueno +2 +0 +0 +waiting", told), told
    lies = run("concentration", "FON")
    assert lies.exit_code == 0
    assert re.search(r"borrower +FON-S-2026-0001 +9000\.00 +9\.0 +10", lies.output), lies.output
