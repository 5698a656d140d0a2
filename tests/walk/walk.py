"""The main job of the house, from the field inventory to the municipal report, as its people do it over the APIs."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demonstration import lending
from deploy.demonstration.inventory import Entered
from shared.kernel import clock
from tests.walk.houses import Running
from tests.walk.speakers import People, eventually, upload

KNOWN_DEFECTS = {"gps.missing": 12, "place.contradicted": 12, "gps.inaccurate": 50, "national_id.check_digit": 3}


class Walk:
    """One walk through a house that was empty before."""

    def __init__(self, house: Running, data: Path) -> None:
        self.house = house
        self.people = People(house)
        self.file = data / "field_forms" / "kobo_export_xml_values.xlsx"

    def whole(self) -> None:
        """Every step, in the order in which the work is done."""
        try:
            self.import_the_inventory()
            self.see_the_territory()
            self.form_a_training_group()
            loan = self.lend_to_one_of_them()
            self.the_loan_reaches_the_others(loan)
            self.pull_the_municipal_report(loan["municipality"])
        finally:
            self.people.close()

    def import_the_inventory(self) -> None:
        """A trial run and the real run report the same known defects; a second import changes nothing."""
        trial, real, again = (self._import(dry_run) for dry_run in ("true", "false", "false"))
        counted = {name: real["report"][name] for name in ("records", "created", "updated", "unchanged")}
        assert counted == {"records": 150, "created": 150, "updated": 0, "unchanged": 0}
        assert trial["report"] == real["report"]
        problems = Counter(problem["code"] for problem in real["report"]["problems"])
        assert problems == KNOWN_DEFECTS
        counted = {name: again["report"][name] for name in ("records", "created", "updated", "unchanged")}
        assert counted == {"records": 150, "created": 0, "updated": 0, "unchanged": 150}

    def _import(self, dry_run: str) -> Any:
        run = upload(self.people, "tecnica", self.house, "registry", "/imports", self.file, dry_run=dry_run)
        return eventually(
            lambda: self.people["tecnica"].get("registry", f"/imports/{run['id']}"),
            lambda seen: seen["state"] in {"done", "failed"},
            seconds=90,
        )

    def see_the_territory(self) -> None:
        """The events reach territory: the map counts, the technician sees points, a planner sees none."""
        viewer = self.people["tecnica"]
        map_ = eventually(
            lambda: viewer.get("territory", "/map", unit="SV", measure="enterprises"),
            lambda seen: seen["total"]["enterprises"] == 126,
        )
        assert map_["drawing"].startswith("<svg")
        chains = viewer.get("territory", "/chains")
        assert sum(chain["enterprises"] for chain in chains["chains"]) == 150
        assert any(chain["missing"] for chain in chains["chains"])
        assert viewer.get("territory", "/points", limit=200)["items"]
        with pytest.raises(RuntimeError, match="403"):
            self.people["planificadora"].get("territory", "/points")

    def form_a_training_group(self) -> None:
        """A round from the needs in the profiles, answered, improved and bounded; its first group is formed and invited."""
        trainer = self.people["formadora"]
        eventually(lambda: trainer.get("training", "/needs")["items"], lambda rows: len(rows) > 3)
        asked = {"units": ["SV"], "topics": ["market"], "minimum": 4, "maximum": 20, "reach_km": 60}
        begun = trainer.post("training", "/rounds/begun", asked)
        there = f"/placements/{begun['id']}"
        placement = eventually(
            lambda: trainer.get("training", there), lambda seen: seen["state"] == "ready", seconds=120
        )
        assert placement["groups"], placement
        assert all(4 <= group["women"] <= 20 for group in placement["groups"])
        assert placement["placed"] >= begun["placed"]
        assert placement["bound"] >= placement["worth"][0]
        assert sum(row["women"] for row in placement["reasons"]) == placement["left_out"]
        number = placement["groups"][0]["number"]
        group = trainer.post("training", f"{there}/groups/{number}/confirmation", {})
        assert len(trainer.get("training", f"/groups/{group['id']}/invitations")["items"]) == group["women"]
        members = trainer.get("training", f"/groups/{group['id']}")["members"]
        assert len(members) == group["women"]
        assert all(member["name"] for member in members)

    def lend_to_one_of_them(self) -> Any:
        """From the application over three constituencies' votes to the acta, the money and the first repayment."""
        people = self.people
        fund = lending.set_up_lending(people, units=("HN",))
        enterprise = self._creditworthy(fund)
        application = lending.submit(people, fund, enterprise, 6)
        lending.appraise(people, application, 6)
        session = lending.decide(people, fund, [application])
        acta = people["comite.mujeres"].get("credit", f"/sessions/{session}/acta")
        assert acta.startswith(b"%PDF")
        file = people["oficial"].get("credit", f"/applications/{application}")
        assert file["state"] == "approved"
        assert file["resolutions"][0]["number"]
        today = {"disbursed_on": clock.today().isoformat()}
        loan = people["cajera"].post("credit", f"/applications/{application}/disbursement", today)
        assert loan["totals"]["principal"] == file["amount"]
        payment = {
            "amount": loan["instalments"][0]["payment"],
            "paid_on": today["disbursed_on"],
            "channel": "cash",
        }
        repayment = people["cajera2"].post("credit", f"/loans/{loan['id']}/repayments", payment)
        receipt = people["cajera2"].get("credit", f"/repayments/{repayment['id']}/receipt")
        assert receipt.startswith(b"%PDF")
        return loan

    def _creditworthy(self, fund: lending.Lending) -> Entered:
        """A Honduran enterprise of the import that agreed to share its record and was validated."""
        coordinator, officer = self.people["coordinadora"], self.people["oficial"]
        for row in coordinator.get("registry", "/enterprises", municipality="HN", limit=50)["items"]:
            shown = coordinator.get("registry", f"/enterprises/{row['id']}")
            if not (shown["consent_credit"] and shown["municipality"].startswith("HN")):
                continue
            if shown["validation"] not in {"verified", "validated"}:
                seen = {"state": "validated", "evidence": "visit", "on": clock.today().isoformat()}
                there = f"/enterprises/{row['id']}/validation"
                coordinator.change("registry", "POST", there, shown["version"], seen)
            eventually(
                lambda: officer.get("credit", f"/enterprises/{row['id']}/eligibility", fund=fund.fund),  # noqa: B023
                lambda seen: seen["eligible"],
            )
            return Entered(row["id"], shown["municipality"], shown["chain"], creditworthy=True)
        raise AssertionError("the file has no Honduran woman who agreed to share her record")

    def the_loan_reaches_the_others(self, loan: Any) -> None:
        """Registry opens an accompaniment, training knows the borrower's need, territory counts the credit."""
        technician, trainer = self.people["tecnica"], self.people["formadora"]
        opened = eventually(
            lambda: technician.get("registry", "/accompaniments", enterprise_id=loan["enterprise_id"])["items"],
            lambda rows: len(rows) == 1,
        )
        assert opened[0]["loan_id"] == loan["id"]
        eventually(
            lambda: trainer.get("training", "/needs", unit=loan["municipality"])["items"],
            lambda rows: sum(row["borrowers"] for row in rows) > 0,
        )
        eventually(
            lambda: self.people["coordinadora"].get("territory", "/map", unit=loan["municipality"], measure="loans"),
            lambda seen: (seen["total"] or {}).get("loans") == 1,
        )

    def pull_the_municipal_report(self, municipality: str) -> None:
        """The planner's PDF: no count under five stands in it."""
        report = self.people["planificadora"].get("territory", f"/reports/municipal/{municipality}")
        told = report["inventory"]
        assert all(not isinstance(value, int) or value == 0 or value >= 5 for value in told.values()), told
        document = self.people["planificadora"].get("territory", f"/reports/municipal/{municipality}/document")
        assert document.startswith(b"%PDF")


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is the problem document of this refusal."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
