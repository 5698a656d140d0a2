"""The pages of the committees, walked without JavaScript by the people whose work it is."""

import io
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.credit.models import Committee, TrustFund
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.hold_session import correct_acta
from services.credit.use_cases.issue_compliance import issue_due
from shared.identity import Caller
from shared.kernel import clock
from tests.credit import test_pages
from tests.credit.house import CHAIR, URL, House, names
from tests.credit.test_conditions import PDF, REASONS, conditional
from tests.credit.test_pages import UNITS, Town, last_path, members
from tests.credit.test_printed import text_of as paper_text
from tests.portal.conftest import Browser, text_of

town = test_pages.town


def built(town: Town, step: Any, **rules: Any) -> tuple[House, Any]:
    with town.database.transaction() as session:
        house = House.build(session, **rules)
        done = step(house)
        for enterprise in house.owners:
            town.names[str(enterprise)] = "Panadería La Espiga"
        return house, done


def sends(browser: Browser, path: str, **form: Any) -> Any:
    """Send a file with the other fields of its form."""
    form[form.pop("field", "file")] = (io.BytesIO(form.pop("content", PDF)), "papel.pdf")
    return browser.post(path, form, content_type="multipart/form-data")


def test_a_committee_is_formed_with_its_mandates_papers_and_alternates(town: Town):
    house, _ = built(town, lambda house: house)
    for username in ("amalia", "berta"):
        town.portal.open(username, "committee_member", units=UNITS)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/committee"
    carla.get(page)
    committee = last_path(carla.post(page, {"name": "Comité del Golfo"}))
    assert "Todavía nadie integra este comité" in text_of(carla.get(committee))
    form = carla.get(f"{committee}/mandate").text
    people = dict(re.findall(r'<option value="([0-9a-f-]{36})">(\w+)</option>', form))
    ids = {name: one for one, name in people.items()}
    typed = {
        "person": ids["Amalia"],
        "constituency": "leda",
        "position": "member",
        "organization": "ADEL Valle",
        "since": clock.today().isoformat(),
    }
    wrong = carla.post(f"{committee}/mandate", typed | {"person": ""})
    assert (wrong.status_code, 'value="ADEL Valle"' in wrong.text) == (422, True), "nothing typed is lost"
    seat = last_path(carla.post(f"{committee}/mandate", typed))
    carla.get(seat)
    assert sends(carla, f"{seat}/mandate", content=b"MZ").status_code == 422
    assert sends(carla, f"{seat}/mandate").status_code == 303
    assert carla.get(f"{seat}/mandate").data == PDF
    account = f"/accounts/{ids['Amalia']}"
    admin = town.signed_in("orquidea", "admin")
    assert f'href="{seat}"' in admin.get(account).text
    assert f'href="{account}"' in admin.get(seat).text
    auditor = town.signed_in("aurora", "auditor")
    assert ids["Amalia"] not in auditor.get(seat).text
    principal = seat.rpartition("/")[2]
    assert f"{committee}/mandate?alternate_for={principal}" in carla.get(committee).text
    carla.get(f"{committee}/mandate?alternate_for={principal}")
    alternate = last_path(
        carla.post(f"{committee}/mandate", typed | {"person": ids["Berta"], "alternate_for": principal})
    )
    assert "Suplente: Berta" in text_of(carla.get(committee))
    carla.get(alternate)
    assert carla.post(f"{alternate}/end", {}).status_code == 422
    assert carla.post(f"{alternate}/end", {"sure": "yes"}).status_code == 303
    assert "Berta" not in text_of(carla.get(committee))


def test_the_trust_fund_committee_is_formed_and_only_who_sits_on_it_acts_for_it(town: Town):
    house, _ = built(town, lambda house: house)
    carla, fidelia = town.signed_in("carla", "coordinator"), town.signed_in("fidelia", "trust_fund_member")
    admin = town.signed_in("orquidea", "admin")
    fund = f"/credit/funds/{house.fund.id}"
    page, formed = f"{fund}/committee?kind=trust_fund", {"name": "Comité del Fideicomiso", "kind": "trust_fund"}
    shown = carla.get(fund)
    assert (page in shown.text, "La administración de la red forma" in text_of(shown)) == (False, True)
    refused = carla.post(page, formed, page=page)
    assert (refused.status_code, "no la coordinación" in text_of(refused)) == (403, True)
    assert f'href="{fund}"' in admin.get("/credit").text
    assert f'href="{page}"' in admin.get(fund).text
    admin.get(page)
    body = last_path(admin.post(page, formed))
    assert "Formar el Comité del Fideicomiso" not in text_of(admin.get(fund))
    suspend = {"reason": "Se revisa", "sure": "yes"}
    refused = fidelia.post(f"{fund}/suspend", suspend, page=f"{fund}/compliance")
    assert (refused.status_code, "no tiene un mandato vigente" in text_of(refused)) == (403, True)
    form = admin.get(f"{body}/mandate").text
    people = {name: one for one, name in re.findall(r'<option value="([0-9a-f-]{36})">(\w+)</option>', form)}
    assert people.keys() == {"Fidelia"}
    typed = {
        "person": people["Fidelia"],
        "constituency": "trustee",
        "position": "member",
        "organization": "Banco Fiduciario",
        "since": clock.today().isoformat(),
    }
    seat = last_path(admin.post(f"{body}/mandate", typed))
    admin.get(seat)
    assert sends(admin, f"{seat}/mandate").status_code == 303
    shown = carla.get(body)
    assert ("Fiduciario" in text_of(shown), f"{body}/mandate" in shown.text) == (True, False)
    assert carla.get(f"{seat}/mandate").data == PDF
    assert f'action="{seat}/' not in carla.get(seat).text.replace(f'action="{seat}/interests"', "")
    assert fidelia.post(f"{fund}/suspend", suspend, page=f"{fund}/compliance").status_code == 303


def test_the_agenda_is_built_and_the_members_are_told_of_it(town: Town):
    rules = {"notice": {"days": 5, "source": "art. 11"}}
    house, (meeting, waiting) = built(
        town,
        lambda house: (house.convened(house.appraised("1000.00"), house.appraised("2000.00")), house.appraised()),
        **rules,
    )
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/sessions/{meeting.id}/agenda"
    shown = carla.get(page).text
    first, second = (item.id for item in meeting.agenda)
    assert shown.index("FON-S-2026-0001") < shown.index("FON-S-2026-0002")
    assert carla.post(f"{page}/{second}/up", {}).status_code == 303
    shown = carla.get(page).text
    assert shown.index("FON-S-2026-0002") < shown.index("FON-S-2026-0001")
    carla.post(f"{page}/{first}/off", {})
    assert carla.post(page, {}, page=page).status_code == 422
    carla.post(page, {"applications": [str(waiting.id)]}, page=page)
    shown = carla.get(page).text
    assert shown.index("FON-S-2026-0002") < shown.index("FON-S-2026-0003") < shown.index("FON-S-2026-0001")
    told = {"seats": [str(one) for one in house.seats.values()], "channel": "phone"}
    short = carla.post(f"/credit/sessions/{meeting.id}/notify", told)
    assert short.status_code == 422
    assert "El reglamento pide 5 días de aviso y faltan 0" in short.text
    assert carla.post(f"/credit/sessions/{meeting.id}/notify", told | {"reason": "Urge"}).status_code == 303
    assert "Por teléfono" in text_of(carla.get(page))
    assert "Convocatoria" in paper_text(carla.get(f"/credit/sessions/{meeting.id}/notice").data)


def test_an_invitation_in_the_portal_waits_at_home_and_is_answered_in_the_room(town: Town):
    committee, carla = members(town), town.signed_in("carla", "coordinator")
    with town.database.transaction() as session:
        fund = session.scalars(select(TrustFund)).one()
        body = session.scalars(select(Committee)).one()
        seats = [str(seat.id) for seat in body.sitting(clock.today())]
        house = House(session, fund, body.id, {})
        meeting = house.convened(house.appraised())
    room = f"/credit/sessions/{meeting.id}"
    carla.get(f"{room}/agenda")
    assert carla.post(f"{room}/notify", {"seats": seats, "channel": "portal"}).status_code == 303
    petra = committee["petra"]
    assert "1 convocatoria a una sesión: diga si viene" in text_of(petra.get("/"))
    assert "Usted está convocada" in text_of(petra.get(room))
    assert petra.post(f"{room}/answer", {"answer": ""}, page=room).status_code == 422
    assert petra.post(f"{room}/answer", {"answer": "excused", "excuse": "Salud"}, page=room).status_code == 303
    assert "convocatoria a una sesión" not in text_of(petra.get("/"))
    assert "Se excusa Salud" in text_of(carla.get(f"{room}/agenda"))


def test_the_monthly_report_waits_at_home_until_it_is_opened_and_a_session_is_observed(town: Town):
    house, meeting = built(town, lambda house: house.opened(house.appraised()))
    fidelia, carla = town.signed_in("fidelia", "trust_fund_member"), town.signed_in("carla", "coordinator")
    assert "Todavía no se emitió ningún informe" in text_of(fidelia.get("/credit/reports"))
    issue_due(town.database, Caller.service("credit"), URL)
    assert "1 informe mensual de cumplimiento por leer" in text_of(fidelia.get("/"))
    shown = fidelia.get("/credit/reports")
    assert "Por leer" in text_of(shown)
    link = re.search(r"/credit/reports/[0-9a-f-]{36}/pdf", shown.text)
    assert link
    assert "Informe mensual de cumplimiento" in paper_text(fidelia.get(link[0]).data)
    copy = fidelia.get(link[0].replace("/pdf", "/reading-copy"))
    assert "Reading copy in English" in paper_text(copy.data)
    assert "por leer" not in text_of(fidelia.get("/"))
    assert "Por leer" not in text_of(carla.get("/credit/reports"))
    room = f"/credit/sessions/{meeting.id}"
    assert "Observo esta sesión" in text_of(fidelia.get(room))
    assert fidelia.post(f"{room}/observe", {}, page=room).status_code == 303
    assert "Observan por el Comité del Fideicomiso: Fidelia" in text_of(carla.get(room))
    assert house.fund.code == "FON"


def test_a_condition_is_asked_in_the_room_met_on_the_file_and_then_it_is_paid_out(town: Town):
    committee = members(town)
    with town.database.transaction() as session:
        fund = session.scalars(select(TrustFund)).one()
        body = session.scalars(select(Committee)).one()
        seats = [seat.id for seat in body.sitting(clock.today())]
        house = House(session, fund, body.id, {})
        application = house.appraised()
        town.names[str(application.enterprise_id)] = "Panadería La Espiga"
        meeting = house.convened(application)
        item = meeting.agenda[0].id
    room, chair = f"/credit/sessions/{meeting.id}", committee["petra"]
    chair.get(room)
    chair.post(f"{room}/opening", {"present": [str(seat) for seat in seats], "checked": "yes"})
    asked = {"condition": "Traer la factura proforma", "verifier": "technician"}
    assert chair.post(f"{room}/items/{item}/conditions", asked | {"condition": ""}, page=room).status_code == 422
    assert chair.post(f"{room}/items/{item}/conditions", asked, page=room).status_code == 303
    for browser in committee.values():
        browser.post(f"{room}/items/{item}/vote", {"choice": "approve", "reason": ""}, page=room)
    chair.post(f"{room}/items/{item}/close", {}, page=room)
    assert "Aprobado con condiciones" in text_of(chair.get(f"{room}?item={item}"))
    officer = town.signed_in("ofelia", "credit_officer")
    payout = f"/credit/applications/{application.id}/disburse"
    page = officer.get(payout)
    assert "Se desembolsa cuando todas las condiciones estén cumplidas" in text_of(page)
    assert "disbursed_on" not in page.text
    file, technician = f"/credit/applications/{application.id}", town.signed_in("tecla", "technician")
    found = re.search(rf'action="({file}/conditions/[0-9a-f-]{{36}})"', technician.get(file).text)
    assert found
    term = found[1].rpartition("/")[2]
    assert technician.post(found[1], {f"met-{term}": "yes"}).status_code == 409, "nothing was shown"
    technician.get(file)
    shown = {f"met-{term}": "yes", f"note-{term}": "La vi"}
    assert sends(technician, found[1], field=f"file-{term}", **shown).status_code == 303
    assert "La vi" in text_of(technician.get(file))
    assert technician.get(found[1]).data == PDF
    assert "disbursed_on" in officer.get(payout).text


def test_a_vote_against_names_a_reason_of_the_regulations(town: Town):
    committee = members(town)
    with town.database.transaction() as session:
        fund = session.scalars(select(TrustFund)).one()
        body = session.scalars(select(Committee)).one()
        house = House(session, fund, body.id, {})
        house.adopt(reasons=REASONS)
        application = house.appraised()
        town.names[str(application.enterprise_id)] = "Panadería La Espiga"
        meeting = house.convened(application)
        seats = [seat.id for seat in body.sitting(clock.today())]
        item = meeting.agenda[0].id
    room, chair = f"/credit/sessions/{meeting.id}", committee["petra"]
    chair.get(room)
    chair.post(f"{room}/opening", {"present": [str(seat) for seat in seats], "checked": "yes"})
    vote = {"choice": "refuse", "reason": "No alcanza"}
    refused = chair.post(f"{room}/items/{item}/check", vote, page=room)
    assert (refused.status_code, "Elija una de las razones" in refused.text) == (422, True)
    checked = chair.post(f"{room}/items/{item}/check", vote | {"reason_refuse": "capacity"}, page=room)
    assert "Capacidad de pago insuficiente. No alcanza" in text_of(checked)
    for browser in committee.values():
        browser.post(f"{room}/items/{item}/vote", vote | {"reason_refuse": "capacity"}, page=room)
    chair.post(f"{room}/items/{item}/close", {}, page=room)
    assert "Denegada" in text_of(chair.get(f"{room}?item={item}"))
    assert "Capacidad de pago insuficiente" in text_of(chair.get(f"{room}?item={item}"))


def test_the_trust_fund_committee_sees_the_month_observes_and_suspends(town: Town):
    rules = {"approvals": {"days": 30, "source": "art. 16"}}
    house, application = built(town, lambda house: house.approved(), **rules)
    page = f"/credit/funds/{house.fund.id}/compliance"
    fidelia, carla = town.signed_in("fidelia", "trust_fund_member"), town.signed_in("carla", "coordinator")
    seen = text_of(fidelia.get(page))
    assert "Ninguna regla se incumplió" in seen
    assert seen.count("Reglamento de Crédito, 1") == 1, "the edition stands once, above the rules"
    assert "art. 16" in seen
    assert "Regla del servicio" in seen
    fidelia.post(
        f"/credit/funds/{house.fund.id}/observations", {"text": "Faltó una firma", "month": "2026-03"}, page=page
    )
    shown = carla.get(page)
    assert "Faltó una firma" in text_of(shown)
    found = re.search(r"observations/([0-9a-f-]{36})/answer", shown.text)
    assert found
    answer = f"/credit/funds/{house.fund.id}/observations/{found[1]}/answer"
    assert carla.post(answer, {f"answer-{found[1]}": "", "month": "2026-03"}).status_code == 422
    assert carla.post(answer, {f"answer-{found[1]}": "Ya está", "month": "2026-03"}).status_code == 303
    suspend = f"/credit/funds/{house.fund.id}/suspend"
    assert fidelia.post(suspend, {"reason": "Se revisa"}, page=page).status_code == 422
    assert fidelia.post(suspend, {"reason": "Se revisa", "sure": "yes"}, page=page).status_code == 303
    officer = town.signed_in("ofelia", "credit_officer")
    assert "no se desembolsa" in text_of(officer.get(f"/credit/applications/{application.id}/disburse"))
    assert "Los préstamos están suspendidos" in text_of(fidelia.get(f"/credit/funds/{house.fund.id}"))
    assert "Informe mensual de cumplimiento" in paper_text(fidelia.get(f"{page}/pdf?month=2026-03").data)
    resume = f"/credit/funds/{house.fund.id}/resume"
    alone = fidelia.post(resume, {"reason": "Listo", "sure": "yes"}, page=page)
    assert (alone.status_code, "los reanuda otra persona" in text_of(alone)) == (409, True)
    felisa = town.signed_in("felisa", "trust_fund_member")
    tried = text_of(felisa.get(page))
    assert "Reanudar sola los créditos que ella misma suspendió" in tried
    assert "Fidelia" in tried
    assert felisa.post(resume, {"reason": "Listo", "sure": "yes"}, page=page).status_code == 303
    assert fidelia.get(f"{page}?month=1999-99").status_code == 200


def test_who_verifies_minutes_that_were_corrected_is_led_to_those_that_correct_them(town: Town):
    def step(house: House) -> Any:
        papers = []
        for number in range(2):
            meeting = house.opened(house.appraised("1000.00"))
            house.vote(meeting)
            close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
            if number:
                correct_acta(house.session, CHAIR, session_id=meeting.id, acta=papers[0].number, text="Es 1,100")
            papers.append(close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL))
        return papers

    _, (wrong, right) = built(town, step)
    anybody = town.portal.browser()
    page = anybody.get(f"/verify/{wrong.hash}")
    assert f'href="/verify/{right.hash}"' in page.text
    assert wrong.public_key in page.text
    assert "Es 1,100" not in page.text
    assert "Esta acta corrige una anterior: FON-A-0001" in text_of(anybody.get(f"/verify/{right.hash}"))


def test_a_lapsed_approval_is_shown_and_can_be_put_on_an_agenda_again(town: Town):
    house, application = built(town, conditional, approvals={"days": 30, "source": "art. 16"})
    with clock.frozen(clock.now() + timedelta(days=31)):
        with town.database.transaction() as session:
            meeting = House(session, house.fund, house.committee_id, house.seats).convened()
        officer = town.signed_in("ofelia", "credit_officer")
        shown = officer.get(f"/credit/applications/{application.id}")
        assert "La aprobación venció" in text_of(shown)
        done = officer.post(f"/credit/applications/{application.id}/agenda", {"session": str(meeting.id)})
        assert last_path(done) == f"/credit/sessions/{meeting.id}"
