"""Signing in and out: sessions, wrong passwords, waiting, and where one lands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from services.portal.models import IDLE, LONGEST, Account, Session, SignInAttempts
from services.portal.use_cases.change_account import reset_password
from shared.attempts import network_of
from shared.kernel import clock
from tests.portal.conftest import PASSWORD, SETUP, Portal, text_of


def test_with_the_right_password_she_comes_home(portal: Portal) -> None:
    portal.open("maria", "coordinator", name="María Zelaya")
    browser = portal.browser()
    answer = browser.sign_in("maria")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Hola, María" in text_of(browser.get("/"))


def test_the_user_name_may_be_typed_in_capitals_and_with_blanks(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    assert portal.browser().sign_in("  MARIA ").status_code == 303


@pytest.mark.parametrize("username", ["maria", "nobody", "m" * 500, "ma ria", "\u202emaria"])
def test_every_wrong_sign_in_gets_the_same_answer(portal: Portal, username: str) -> None:
    portal.open("maria", "coordinator")
    answer = portal.browser().sign_in(username, "not the password")
    assert answer.status_code == 401
    assert "El usuario y la contraseña no corresponden" in text_of(answer)


def test_an_inactive_account_gets_the_same_answer_too(portal: Portal) -> None:
    account_id = portal.open("maria", "coordinator")
    with portal.database.transaction() as session:
        account = session.get_one(Account, account_id)
        account.change(name="M", roles=["coordinator"], units=["*"], centre="", seat=None, active=False)
    assert portal.browser().sign_in("maria").status_code == 401


def test_what_she_typed_stays_but_not_the_password(portal: Portal) -> None:
    answer = portal.browser().sign_in("maria", "secreto-secreto")
    assert 'value="maria"' in answer.text
    assert "secreto-secreto" not in answer.text


def test_empty_fields_are_named_and_cost_no_attempt(portal: Portal) -> None:
    answer = portal.browser().post("/sign-in", {"username": "", "password": ""})
    assert answer.status_code == 422
    assert 'href="#field-username"' in answer.text
    assert 'href="#field-password"' in answer.text


def test_signing_in_gives_a_new_cookie_so_that_a_planted_one_is_worth_nothing(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    browser = portal.browser()
    browser.get("/sign-in")
    planted = browser.cookie()
    browser.sign_in("maria")
    assert browser.cookie() != planted
    attacker = portal.browser()
    attacker.client.set_cookie("csem", planted or "")
    assert attacker.get("/").status_code == 303


def test_a_visitors_cookie_is_kept_until_she_signs_in(portal: Portal) -> None:
    browser = portal.browser()
    browser.get("/sign-in")
    first = browser.cookie()
    browser.get("/help")
    assert browser.cookie() == first


def test_only_a_hash_of_the_session_is_kept(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    with portal.database.reading() as session:
        kept = session.scalars(select(Session.token_hash)).all()
    assert len(kept) == 1
    assert browser.cookie() not in kept[0]


def test_after_signing_out_the_old_cookie_is_worth_nothing(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    stolen = browser.cookie() or ""
    answer = browser.post("/sign-out", page="/")
    assert answer.location == "/sign-in?left=1"
    browser.client.set_cookie("csem", stolen)
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(("still", "over"), [(IDLE - timedelta(minutes=1), IDLE + timedelta(seconds=1))])
def test_an_idle_session_ends(portal: Portal, still: timedelta, over: timedelta) -> None:
    browser = portal.signed_in("coordinator")
    began = clock.now()
    with clock.frozen(began + still):
        assert browser.get("/").status_code == 200
    with clock.frozen(began + still + over):
        assert browser.get("/").status_code == 303


def test_even_a_busy_session_ends_after_half_a_day(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    began = clock.now()
    for hour in range(1, 12):
        with clock.frozen(began + timedelta(hours=hour)):
            assert browser.get("/").status_code == 200
    with clock.frozen(began + LONGEST + timedelta(minutes=1)):
        assert browser.get("/").status_code == 303


def test_five_wrong_passwords_make_her_wait_even_with_the_right_one(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    browser = portal.browser()
    for _ in range(5):
        assert browser.sign_in("maria", "wrong-wrong-wrong").status_code == 401
    answer = browser.sign_in("maria")
    assert answer.status_code == 429
    assert "Espere 15 minutos" in text_of(answer)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert browser.sign_in("maria").status_code == 303


def test_a_stranger_elsewhere_does_not_lock_her_out_with_a_few_attempts(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    stranger = portal.browser()
    for _ in range(6):
        stranger.post("/sign-in", {"username": "maria", "password": "guess-guess"}, page="/sign-in",
                      environ_overrides={"REMOTE_ADDR": "203.0.113.9"})  # fmt: skip
    assert portal.browser().sign_in("maria").status_code == 303


def test_guessing_from_many_addresses_is_stopped_by_the_name(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    for number in range(25):
        portal.browser().post("/sign-in", {"username": "maria", "password": "guess-guess"}, page="/sign-in",
                              environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})  # fmt: skip
    assert portal.browser().sign_in("maria").status_code == 429


@pytest.mark.parametrize(("proxies", "locked_out"), [("0", True), ("1", False)])
def test_behind_a_gateway_the_address_is_the_one_it_names(
    make_portal: Callable[..., Portal], proxies: str, locked_out: bool
) -> None:
    portal = make_portal(CSEM_TRUSTED_PROXIES=proxies)
    portal.open("maria", "coordinator")
    for _ in range(5):
        portal.browser().post("/sign-in", {"username": "maria", "password": "guess-guess"}, page="/sign-in",
                              headers={"X-Forwarded-For": "203.0.113.9"})  # fmt: skip
    answer = portal.browser().post("/sign-in", {"username": "maria", "password": PASSWORD}, page="/sign-in",
                                   headers={"X-Forwarded-For": "198.51.100.7"})  # fmt: skip
    assert (answer.status_code == 429) == locked_out


def test_first_sign_ins_from_one_address_at_the_same_moment_all_come_home(portal: Portal) -> None:
    names = ["maria", "rosa", "carmen", "elena"]
    for name in names:
        portal.open(name, "coordinator")
    together = Barrier(len(names))

    def sign_in(name: str) -> int:
        browser = portal.browser()
        together.wait()
        return browser.sign_in(name).status_code

    with ThreadPoolExecutor(len(names)) as pool:
        assert set(pool.map(sign_in, names)) == {303}


def test_right_passwords_never_make_a_shared_office_wait(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    for _ in range(SignInAttempts.limits["address"] + 2):
        assert portal.browser().sign_in("maria").status_code == 303


def test_guessing_the_current_password_to_change_it_is_stopped_too(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    guess = {"current": "not-her-password", "new": "otra-palabra-larga-7", "again": "otra-palabra-larga-7"}
    for _ in range(SignInAttempts.limits["pair"]):
        assert "contraseña actual" in text_of(browser.post("/account/password", guess, page="/account/password"))
    right = guess | {"current": PASSWORD}
    assert "minutos" in text_of(browser.post("/account/password", right, page="/account/password"))


def test_all_addresses_of_one_household_count_as_one() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("unknown") == "unknown"


def test_signing_in_forgets_the_wrong_attempts(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    browser = portal.browser()
    for _ in range(2):
        for _ in range(4):
            browser.sign_in("maria", "wrong-wrong-wrong")
        assert browser.sign_in("maria").status_code == 303
        browser.post("/sign-out", page="/")


@pytest.mark.parametrize("wanted", ["/credit/loans?state=late&page=2", "/accounts"])
def test_she_lands_where_she_wanted_to_go(portal: Portal, wanted: str) -> None:
    portal.open("maria", "admin")
    assert portal.browser().sign_in("maria", next=wanted).location == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n//evil.example",
        "http:evil.example",
        "",
        "accounts",
    ],
)
def test_nobody_is_sent_to_a_stranger(portal: Portal, wanted: str) -> None:
    portal.open("maria", "admin")
    assert portal.browser().sign_in("maria", next=wanted).location == "/"


def test_a_page_asks_for_sign_in_and_remembers_itself(portal: Portal) -> None:
    answer = portal.browser().get("/accounts?q=maria&role=admin")
    assert answer.location == "/sign-in?next=/accounts%3Fq%3Dmaria%26role%3Dadmin"


def test_whoever_is_signed_in_already_goes_on(portal: Portal) -> None:
    assert portal.signed_in("admin").get("/sign-in?next=/accounts").location == "/accounts"


def test_a_temporary_password_is_changed_before_anything_else(portal: Portal) -> None:
    account_id = portal.open("maria", "admin")
    with portal.database.transaction() as session:
        _, first = reset_password(session, SETUP, account_id=account_id)
    browser = portal.browser()
    browser.sign_in("maria", first)
    assert browser.get("/accounts").location == "/account/password"
    answer = browser.post(
        "/account/password",
        {"current": first, "new": "cuatro palabras bien juntas", "again": "cuatro palabras bien juntas"},
        page="/account/password",
    )
    assert answer.location == "/"
    assert browser.get("/accounts").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong", "cuatro palabras bien juntas", "cuatro palabras bien juntas", "La contraseña actual no es esa"),
        (PASSWORD, "cuatro palabras bien juntas", "otra cosa", "no son iguales"),
        (PASSWORD, "corta", "corta", "al menos 10 caracteres"),
        (PASSWORD, "1234567890", "1234567890", "de las primeras que se adivinan"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "de las primeras que se adivinan"),
        (PASSWORD, "Guatemala-2026!", "Guatemala-2026!", "de las primeras que se adivinan"),
        (PASSWORD, "xx-maria-2026-yy", "xx-maria-2026-yy", "no debe contener el nombre de usuaria"),
        (PASSWORD, PASSWORD, PASSWORD, "es igual a la actual"),
        ("", "cuatro palabras bien juntas", "cuatro palabras bien juntas", "Escriba su contraseña actual"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    portal: Portal, current: str, new: str, again: str, said: str
) -> None:
    browser = portal.signed_in("coordinator")
    answer = browser.post(
        "/account/password", {"current": current, "new": new, "again": again}, page="/account/password"
    )
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert portal.browser().sign_in("maria").status_code == 303


def test_changing_the_password_ends_her_other_sessions_only(portal: Portal) -> None:
    here = portal.signed_in("coordinator")
    elsewhere = portal.browser()
    elsewhere.sign_in("maria")
    new = "cuatro palabras bien juntas"
    here.post("/account/password", {"current": PASSWORD, "new": new, "again": new}, page="/account/password")
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303
