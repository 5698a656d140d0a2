"""The demonstration accounts: one for each role, with a committee of the three constituencies."""

from dataclasses import dataclass

from deploy.house import House
from services.portal.models import Account as PortalAccount
from services.portal.use_cases.open_account import open_account
from shared.identity import Caller

PASSWORD = "golfo-de-fonseca-2026"  # noqa: S105 - printed at the start, for invented data only
CENTRE = "CSEM Golfo de Fonseca (demostración)"
GULF = ("HN06", "HN17", "SV07")


@dataclass(frozen=True)
class Account:
    """An account of the demonstration, and what its person does."""

    username: str
    name: str
    told: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = GULF
    seat: str | None = None

    @property
    def person(self) -> str:
        """Her name alone, as minutes write it."""
        return self.name.partition(" (")[0]


ACCOUNTS = (
    Account("tecnica", "Azucena Ejemplo (técnica)", "técnica: inventario y acompañamiento", ("technician",)),
    Account("coordinadora", "Camelia Modelo (coordinadora)", "coordinadora del CSEM", ("coordinator",)),
    Account("oficial", "Dalia Muestra (oficial de crédito)", "oficial de crédito de la ADEL", ("credit_officer",)),
    Account("cajera", "Flor Supuesta (cajera)", "cajera de la ADEL", ("cashier",)),
    Account("cajera2", "Nieves Supuesta (cajera)", "segunda cajera: recibe las cuotas", ("cashier",)),
    Account("comite.mujeres", "Iris Ficticia (comité)", "comité de crédito: organizaciones de mujeres",
            ("committee_member", "organization"), seat="women_organizations"),
    Account("comite.csem", "Jazmín Inventada (comité)", "comité de crédito: CSEM", ("committee_member",), seat="csem"),
    Account("comite.adel", "Perla Imaginaria (comité)", "comité de crédito: ADEL", ("committee_member",), seat="leda"),
    Account("fideicomiso", "Rocío Prueba (fideicomiso)", "comité del fideicomiso", ("trust_fund_member",)),
    Account("adel", "Sol Muestra (ADEL)", "personal de la ADEL: mapas", ("leda_viewer",)),
    Account("planificadora", "Estrella Modelo (planificación)", "planificadora municipal de San Lorenzo, Valle",
            ("planner",), ("HN1709",)),
    Account("formadora", "Gardenia Ejemplo (formadora)", "formadora: grupos", ("trainer",)),
    Account("rse", "Hortensia Ficticia (RSE)", "revisora de responsabilidad social", ("csr_reviewer",)),
    Account("red", "Violeta Supuesta (red)", "coordinación de la red: todos los centros",
            ("network_coordinator",), ("*",)),
    Account("auditora", "Lluvia Inventada (auditoría)", "auditora", ("auditor",), ("*",)),
    Account("admin", "Orquídea Prueba (administración)", "administradora de cuentas", ("admin",), ("*",)),
)  # fmt: skip


def open_accounts(house: House, units: tuple[str, ...] = ()) -> dict[str, str]:
    """The ids of the demonstration accounts by user name; opens them, to work in `units` where these are given."""
    with house.service("portal").database.transaction() as session:
        opened: list[PortalAccount] = [
            open_account(
                session,
                Caller.operator("demonstration"),
                username=account.username,
                name=account.name,
                roles=account.roles,
                units=units or account.units,
                centre=CENTRE,
                seat=account.seat,
                password=PASSWORD,
            )[0]
            for account in ACCOUNTS
        ]
        return {account.username: str(account.id) for account in opened}
