"""The pages of the portfolio, of what is overdue and of the closed days, without JavaScript."""

from datetime import timedelta

from services.credit.jobs import handlers
from shared.job_runner import Runner
from tests.credit.closing import RULES, on
from tests.credit.house import House
from tests.credit.test_pages import town  # noqa: F401 - a fixture
from tests.portal.conftest import text_of


def test_a_day_is_closed_and_the_portfolio_shown_as_it_stood(town):  # noqa: F811
    with town.database.transaction() as session:
        house = House.build(session, **RULES)
        loan = house.disbursed()
    town.names[str(loan.enterprise_id)] = "Panadería La Espiga"
    with on(40) as day:
        coordinator = town.signed_in("coralia", "coordinator")
        there = f"/credit/funds/{house.fund.id}/closes"
        assert "Todavía no hay días cerrados" in text_of(coordinator.get(there))
        paying = text_of(town.signed_in("casilda", "cashier").get(f"/credit/loans/{loan.id}/repay"))
        assert "Cuota atrasada" in paying
        assert "Próxima cuota" not in paying, "its day is over"
        yesterday = day - timedelta(days=1)
        assert f'value="{yesterday}"' in coordinator.get(there).text
        assert coordinator.post(there, {"day": day.isoformat()}).status_code == 422
        assert coordinator.post(there, {"day": yesterday.isoformat()}).status_code == 303
        Runner(town.database, handlers()).run_due()
        assert "Coralia" in text_of(coordinator.get(there)) or "10,000.00" in text_of(coordinator.get(there))
        refused = coordinator.post(there, {"day": "2026-01-01"})
        assert refused.status_code == 422
        late = text_of(coordinator.get("/credit/portfolio/overdue"))
        assert loan.number in late
        assert "Panadería La Espiga" in late
        page = coordinator.get(f"/credit/portfolio?date={day}&by=municipality")
        told = text_of(page)
        assert "Cartera en riesgo" in told
        assert "100.00 %" in told
        assert "San Lorenzo" in told
        assert "> 180 días" in told
        assert "Tasa de recuperación" in told
        assert "<svg" in page.text
        assert "Autosuficiencia operativa" in told
        assert f'href="/credit/portfolio.csv?date={day}&amp;by=municipality"' in page.text
        table = coordinator.get(f"/credit/portfolio.csv?date={day}&by=municipality")
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "attachment" in table.headers["Content-Disposition"]
        assert "HN1709;San Lorenzo, Valle;HNL;1;10000.00;" in table.data.decode("utf-8-sig")
        assert "portfolio.csv" not in coordinator.get("/credit/portfolio").text, "there are no rows to take"
        assert town.signed_in("rosa", "csr_reviewer").get("/credit/portfolio.csv").status_code == 403
        viewer = town.signed_in("leda", "leda_viewer")
        assert "Cartera" in text_of(viewer.get("/credit/portfolio"))
        assert loan.number in text_of(viewer.get("/credit/portfolio/overdue"))
