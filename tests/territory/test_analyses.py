"""Analyses of a territory: what each answers, to whom, and what it never tells."""

from types import SimpleNamespace

import pytest

from services.territory.queries.analyses import ANALYSES
from shared.testing import person
from tests.territory.conftest import register

TECHNICIAN = person("technician", scope="HN17")


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    with service.database.transaction() as session:
        register(session, 30)
        register(session, 20, "HN1701", chain="cashew", links=["marketing"], jobs_women=2)
        register(session, 6, "HN1703")
        register(session, 40, "HN0801", chain="cashew")
        register(session, 30, "HN0501", chain="coffee")
        register(session, 2, "HN0101", chain="honey")
        register(session, 1, "HN1702", chain="honey")
    return service


@pytest.mark.parametrize("analysis", ANALYSES)
def test_every_analysis_answers_in_a_sentence_with_its_formula(gulf: SimpleNamespace, analysis: str) -> None:
    answer = gulf.get(TECHNICIAN, f"/analyses/{analysis}", headers={"Accept-Language": "es"})
    assert answer.status_code == 200, answer.text
    import json; told = answer.json; told["drawing"]=len(told["drawing"])
    print(json.dumps(told, indent=1, ensure_ascii=False))
