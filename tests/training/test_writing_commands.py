"""Commands that write curricula, keep the library and follow the training of trainers, as the pages do."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.training import cli
from services.training.use_cases.keep_material import write_material
from services.training.use_cases.keep_partners import sign_agreement, write_partner
from shared.kernel import Invalid, clock
from shared.service import Service
from tests.training import curriculum_house, trainers_house
from tests.training.house import COORDINATOR, TRAINER, woman_of
from tests.training.lessons import form_group, plan
from tests.training.round_house import women
from tests.training.test_curricula import MATERIAL
from tests.training.test_keeping_commands import Run, run, service

__all__ = ["run", "service"]
PDF = b"%PDF-1.7\nhola\n%%EOF\n"
MODULE = {"title": "Otro", "objectives": "Saber cuánto cuesta", "methods": ["case"], "minutes": 120}


def said(folder: Path, told: Any) -> str:
    """The path of a file that says this."""
    path = folder / "dicho.json"
    path.write_text(json.dumps(told))
    return str(path)


def test_a_draft_is_written_anew_ordered_and_given_files(service: Service, run: Run, tmp_path: Path) -> None:
    with service.database.transaction() as session:
        begun = curriculum_house.begin(session)
        version, curriculum = begun.latest.id, begun.id
        curriculum_house.write(session, begun.latest, title="Primero")
        curriculum_house.write(session, begun.latest, title="Segundo")
        first, second = (one.id for one in begun.latest.modules)
    assert json.loads(run("curricula", "place", version, second, "1")) == [str(second), str(first)]
    run("curricula", "rewrite", version, first, said(tmp_path, MODULE))
    assert "120 min  Otro" in run("curricula", "show", version)
    paper = tmp_path / "hoja.pdf"
    paper.write_bytes(PDF)
    run("curricula", "attach", version, first, paper)
    shown = json.loads(run("curricula", "show", version, "--json"))
    (file,) = next(one["files"] for one in shown["modules"] if one["id"] == str(first))
    fetched = run("curricula", "fetch", version, first, file["id"], "--into", tmp_path)
    assert Path(fetched).read_bytes() == PDF
    run("curricula", "detach", version, first, file["id"])
    assert json.loads(run("curricula", "drop", version, first)) == [str(second)]
    head = said(tmp_path, curriculum_house.HEAD | {"title": "Vender bien"})
    assert json.loads(run("curricula", "head", curriculum, head))["title"] == "Vender bien"


def test_a_module_names_materials_of_the_library(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        version = curriculum_house.begin(session).latest.id
        shelf = [write_material(session, TRAINER, MATERIAL | {"title": title}).id for title in ("Cuaderno", "Afiche")]
    said = ("--title", "Costos", "--objectives", "Saber cuánto cuesta", "--method", "case", "--minutes", "120")
    run("curricula", "module", version, *said, "--material", shelf[1], "--material", shelf[0])
    (module,) = json.loads(run("curricula", "show", version, "--json"))["modules"]
    assert [one["title"] for one in module["materials"]] == ["Afiche", "Cuaderno"]
    with pytest.raises(Invalid, match="material_twice"):
        run("curricula", "module", version, *said, "--material", shelf[0], "--material", shelf[0])
    with pytest.raises(Invalid, match="not_offered"):
        run("curricula", "module", version, *said, "--material", version)


def test_a_file_that_says_something_else_is_refused_as_the_api_refuses_it(
    service: Service, run: Run, tmp_path: Path
) -> None:
    with service.database.transaction() as session:
        begun = curriculum_house.begin(session)
        version, curriculum = begun.latest.id, begun.id
        curriculum_house.write(session, begun.latest)
        module = begun.latest.modules[0].id
    for wrong in (MODULE | {"minutes": "120"}, MODULE | {"colour": "red"}, {}):
        with pytest.raises(Invalid):
            run("curricula", "rewrite", version, module, said(tmp_path, wrong))
    assert json.loads(run("curricula", "head", curriculum))["title"] == curriculum_house.HEAD["title"]


def test_what_is_said_to_a_version_is_answered_and_links_are_given_and_ended(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        group = form_group(session)
        version = curriculum_house.proposed(session).id
        number = str(group.number)
    contribution = run("curricula", "say", version, "expert", "Falta la merma")
    assert run("curricula", "answer", version, contribution, "declined", "--because", "Va en otro") == "declined"
    path = run("curricula", "link", version, "--until", "2026-04-01", "--group", number, "--woman", woman_of(1))
    assert path.startswith("/curriculum/")
    assert (told := run("curricula", "links", version)).endswith(str(woman_of(1)))
    assert run("curricula", "link-end", told.split()[0])
    lacking = CliRunner().invoke(cli.group, ["curricula", "link", str(version), "--until", "2026-04-01"])
    assert lacking.exit_code == 2
    assert run("strategies", "list") == ""
    run("asked-subjects", "note", "Inglés", "--group", number, "--source", "session", "--on", "2026-03-01")
    assert json.loads(run("asked-subjects", "notes"))[0]["subject"] == "Inglés"


def test_a_trainer_goes_through_an_edition_and_leaves(service: Service, run: Run, tmp_path: Path) -> None:
    with service.database.transaction() as session:
        her = trainers_house.trainer(session).id
    told = trainers_house.HER | {"name": "Fabiola Otra", "units": ["HN17"]}
    run("trainers", "change", her, said(tmp_path, told))
    assert json.loads(run("trainers", "show", her))["name"] == "Fabiola Otra"
    days = ("--from", "2026-02-01", "--until", "2026-06-30")
    edition = run(
        "editions", "open", "Formadoras", "--unit", "HN17", "--level", "facilitator", "--topic", "costing", *days
    )
    candidate = run("editions", "enter", edition, her)
    run("candidates", "hours", candidate, "480", "--on", "2026-02-03")
    run("candidates", "test", candidate, "90", "--on", "2026-02-03")
    run("candidates", "strike", candidate, "1", "--because", "Fue otra persona")
    assert {one["struck_why"] for one in json.loads(run("candidates", "show", candidate))["proofs"]} >= {
        "Fue otra persona"
    }
    assert run("editions", "list").endswith("facilitator  Formadoras")
    assert len(json.loads(run("editions", "show", edition))["people"]) == 1
    run("trainers", "leave", her)
    assert run("trainers", "list") == ""
    run("trainers", "come-back", her)
    assert "Fabiola Otra" in run("trainers", "list")


def test_a_suspended_licence_is_given_back(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        one = trainers_house.candidate(session, trainers_house.trainer(session, TRAINER))
        trainers_house.prove_all(session, one)
        candidate = one.id
    run("licences", "issue", candidate)
    licence = run("licences", "list").split()[0]
    run("licences", "suspend", licence, "--because", "Se revisa una queja")
    assert json.loads(run("licences", "show", licence))["standing"] == "suspended"
    run("licences", "give-back", licence)
    assert json.loads(run("licences", "show", licence))["standing"] == "valid"


def test_a_material_is_put_right_given_a_file_restored_and_erased(service: Service, run: Run, tmp_path: Path) -> None:
    told = {"unit": "HN17", "kind": "module", "language": "es", "author": "Casa Inventada", "licence": "cc_by"}
    words = ("--unit", "HN17", "--kind", "module", "--author", "Casa Inventada", "--licence", "cc_by")
    made = run("materials", "add", "Costos", *words)
    facts = json.loads(run("materials", "show", made))
    assert (facts["title"], facts["files"]) == ("Costos", [])
    run("materials", "change", made, said(tmp_path, told | {"title": "Costos y precios"}))
    paper = tmp_path / "costos.pdf"
    paper.write_bytes(PDF)
    run("materials", "attach", made, paper, "--note", "Primera")
    facts = json.loads(run("materials", "show", made))
    assert (facts["title"], len(facts["files"])) == ("Costos y precios", 1)
    run("materials", "archive", made, "--because", "Hay otro")
    run("materials", "restore", made)
    assert "Costos y precios" in run("materials", "find")
    run("materials", "erase", made)
    assert run("materials", "find") == ""


def test_an_agreement_is_renewed_and_its_paper_kept(service: Service, run: Run, tmp_path: Path) -> None:
    with service.database.transaction() as session:
        facts = {"unit": "HN17", "name": "Universidad Inventada", "kind": "civil_society_academia"}
        partner = write_partner(session, COORDINATOR, **facts)
        day = clock.today()
        told: dict[str, Any] = {"purpose": "Aulas", "contribution": "venue", "activity_id": None, "ends_on": None}
        signed = {"unit": "HN17", "title": "Aulas", "partner_ids": [partner.id], "signed_on": day - timedelta(days=30)}
        agreement = sign_agreement(session, COORDINATOR, **signed, **told).id
    paper = tmp_path / "convenio.pdf"
    paper.write_bytes(PDF)
    run("csr-agreement", "keep-paper", agreement, paper)
    folder = tmp_path / "copia"
    folder.mkdir()
    assert Path(run("csr-agreement", "paper", agreement, "--into", folder)).read_bytes() == PDF
    run("csr-agreement", "renew", agreement, "--on", day.isoformat(), "--until", "2031-12-31")
    assert "2031-12-31" in run("csr-agreement", "list")


def test_who_teaches_a_session_is_said(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        session_id = plan(session, form_group(session)).id
        her = trainers_house.trainer(session, topics=["costing"]).id
    run("sessions", "teach", session_id, "--topic", "costing", "--trainer", her)
    shown = json.loads(run("sessions", "show", session_id))
    assert (shown["topic"], shown["trainer_id"]) == ("costing", str(her))


def test_venues_are_suggested_for_a_round_and_its_women_drawn_without_names(service: Service, run: Run) -> None:
    with service.database.transaction() as session:
        women(session, 9)
    when = ("--from", "2026-04-01", "--until", "2026-06-30")
    round_id = run("round", "plan", "Abril", "--unit", "HN17", "--topic", "food_safety", *when)
    assert run("round", "suggest-venues", round_id)
    placement = run("round", "answer", round_id).split(":")[0]
    for point in json.loads(run("round", "points", placement)):
        assert "name" not in point
