"""What the demonstration leaves undone: one of everything that a page of credit can show, entered over the API."""

from datetime import timedelta
from typing import Any

from deploy.demonstration import lending, seeding
from deploy.demonstration.accounts import ACCOUNTS
from deploy.demonstration.inventory import Entered
from deploy.demonstration.lending import COMMITTEE, PARAMETERS, QUOTATION, SIGNATORIES, money
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock
from tests.walk.houses import Running
from tests.walk.speakers import speaker

PDF = {"file": ("papel.pdf", QUOTATION, "application/pdf")}
STATEMENT = b"Fecha,Concepto,Cargo,Abono,Saldo\n01/11/2026,Comision,25.00,,1000.00\n"
PAYMENTS = b"Fecha,Monto,Referencia,Transaccion\n02/11/2026,350.00,SIN-NUMERO,T-1\n"
TODAY = clock.today().isoformat()
LATER = (clock.today() + timedelta(days=40)).isoformat()


class Furnisher:
    """The people of a demonstration that is loaded, and its two funds."""

    def __init__(self, house: Running) -> None:
        self._house = house
        self._people: dict[str, Speaker] = {}
        self.ids = {account.username: "" for account in ACCOUNTS}
        self.fund, self.seed = (self._fund(kind) for kind in ("revolving", "seed_capital"))
        committees = self["coordinadora"].get("credit", "/committees")["items"]
        self.committee, self.seed_committee = (
            next(one for one in committees if one["fund_id"] == fund) for fund in (self.fund, self.seed)
        )

    def __getitem__(self, username: str) -> Speaker:
        if username not in self._people:
            self._people[username] = speaker(self._house, username)
        return self._people[username]

    def furnish(self) -> None:
        """All of it."""
        self._instruments()
        self._files_of_money()
        loans = self["oficial"].get("credit", "/loans", limit=100)["items"]
        active = [loan for loan in loans if loan["state"] == "active"]
        self._overpay(active[0])
        asked = {"kind": "write_off", "reason": "Ya no vive en el municipio."}
        self["oficial"].post("credit", f"/loans/{active[1]['id']}/changes", asked)
        free = [
            Entered(loan["enterprise_id"], loan["municipality"], "", creditworthy=True)
            for loan in loans
            if loan["state"] == "settled"
        ]
        self._session(free[0])
        self._seed_capital(free[1], free[2])
        self._house.csem("credit", "compliance-reports")
        for one in self._people.values():
            one.close()

    def _fund(self, kind: str) -> str:
        rows = self["coordinadora"].get("credit", "/funds")["items"]
        return next(str(row["id"]) for row in rows if row["kind"] == kind)

    def _instruments(self) -> None:
        """A fund without a committee; a second edition and a second letter with their signed files; a mandate."""
        keeper = self["coordinadora"]
        shown = keeper.get("credit", f"/funds/{self.fund}")
        names = ("centre", "host", "trustee", "trustee_account", "currency", "units")
        begun = {name: shown[name] for name in names} | {"code": "NUEVO", "name": "Fondo nuevo", "reserve": money(0)}
        keeper.post("credit", "/funds", begun)
        paper = {"title": "Edición que viene", "source": "Acuerdo ficticio", "valid_from": LATER}
        rules = paper | {"signatories": SIGNATORIES, "parameters": PARAMETERS}
        edition = keeper.post("credit", f"/funds/{self.fund}/regulations", rules)
        keeper.post("credit", f"/funds/{self.fund}/regulations/{edition['id']}/file", files=PDF)
        letter = keeper.post("credit", f"/funds/{self.fund}/agreements", lending._LETTER | {"valid_from": LATER})
        keeper.post("credit", f"/funds/{self.fund}/agreements/{letter['id']}/file", files=PDF)
        seat = f"/committees/{self.committee['id']}/seats/{self.committee['seats'][0]['id']}"
        keeper.post("credit", f"{seat}/mandate", files=PDF)

    def _files_of_money(self) -> None:
        """A statement of the trustee; a file of payments of which a line waits for a hand; a quarter's income shared."""
        statement = {"file": ("estado.csv", STATEMENT, "text/csv")}
        self["coordinadora"].post("credit", f"/funds/{self.fund}/statements", files=statement)
        there = f"/funds/{self.fund}/payment-files"
        payments = {"file": ("pagos.csv", PAYMENTS, "text/csv")}
        received = self["cajera2"].post("credit", f"{there}?source=bank", files=payments)
        columns = {"begins": 1, "day_first": True, "date": 0, "amount": 1, "reference": 2, "transaction": 3}
        self["cajera2"].post("credit", f"{there}/{received['id']}/columns", columns)
        quarter = clock.today().replace(day=1, month=clock.today().month - (clock.today().month - 1) % 3)
        ended = {"ends_on": (quarter - timedelta(days=1)).isoformat()}
        self["coordinadora"].post("credit", f"/funds/{self.fund}/income-shares", ended)

    def _overpay(self, loan: dict[str, Any]) -> None:
        """More is paid than is owed; a part of it goes back."""
        there = f"/loans/{loan['id']}"
        body = {"amount": money(60_000), "paid_on": TODAY, "channel": "trustee", "hold_excess": True}
        self["cajera2"].post("credit", f"{there}/repayments", body)
        refund = {"amount": money(100), "channel": "trustee", "reason": "Lo pidió"}
        self["oficial"].post("credit", f"{there}/overpayments/refunds", refund)

    def _session(self, borrower: Entered) -> None:
        """A session that is going on: a credit approved under a condition that is shown, a write-off resolved, and
        another credit of which two parts are paid out.
        """
        waiting = self["oficial"].get("credit", "/applications", state="appraised", limit=100)["items"]
        credit = next(row["id"] for row in waiting if row["kind"] == "loan" and row["fund_id"] == self.fund)
        change = next(row["id"] for row in waiting if row["kind"] == "write_off")
        there = f"/applications/{credit}"
        pledge = {"kind": "pledge", "value": money(9_000), "description": "Máquina de coser"}
        offered = self["tecnica"].post("credit", f"{there}/guarantees", pledge)
        self["tecnica"].post("credit", f"{there}/guarantees/{offered['id']}/paper", files=PDF)
        equipment = self._equipment(borrower)
        condition = {"text": "Traer la factura del horno", "verifier": "technician"}
        self._decide(self.fund, self.committee, [credit, change, equipment], condition)
        term = self["oficial"].get("credit", there)["terms"][0]
        self["tecnica"].post("credit", f"{there}/conditions/{term['id']}/evidence", files=PDF)
        part = {"disbursed_on": TODAY, "amount": money(20_000)}
        loan = self["cajera"].post("credit", f"/applications/{equipment}/disbursement", part)
        self["cajera"].post("credit", f"/loans/{loan['id']}/tranches", part | {"amount": money(10_000)})

    def _equipment(self, borrower: Entered) -> str:
        body = {"fund_id": self.fund, "enterprise_id": borrower.id, "product": "equipo", "amount": money(40_000)}
        body |= {"instalments": 12, "purpose": "equipment", "project": "Comprar un horno usado."}
        application = str(self["oficial"].post("credit", "/applications", body)["id"])
        lending.appraise(self, application, 12)
        return application

    def _decide(
        self, fund: str, committee: dict[str, Any], applications: list[str], condition: dict[str, str] | None = None
    ) -> None:
        """A session that approves; it stays open."""
        session = lending.convene(self, lending.Lending(fund, committee["id"]), applications)
        chair, there = self["comite.mujeres"], f"/sessions/{session}"
        room = chair.get("credit", there)
        if condition:
            self["coordinadora"].post("credit", f"{there}/items/{room['agenda'][0]['id']}/conditions", condition)
        chair.post("credit", f"{there}/opening", {"present": [seat["id"] for seat in room["seats"]]})
        for item in room["agenda"]:
            for username, *_ in COMMITTEE:
                self[username].post("credit", f"{there}/items/{item['id']}/votes", {"choice": "approve"})
            chair.post("credit", f"{there}/items/{item['id']}/closing")

    def _seed_capital(self, approved: Entered, appraised: Entered) -> None:
        """The award that there is gets its report; of two more applications one is approved and one appraised."""
        award = self["tecnica"].get("credit", "/seed-awards")["items"][0]
        self["tecnica"].post("credit", f"/seed-awards/{award['id']}/report", files=PDF)
        seed = lending.Lending(self.seed, self.seed_committee["id"])
        self._decide(self.seed, self.seed_committee, [seeding._apply(self, seed, approved)])
        seeding._apply(self, seed, appraised)
