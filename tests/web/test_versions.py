"""A record's version is its ETag: who saw an old one cannot overwrite a new one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.web.conftest import Fair
from tests.web.sample import ROOT, new_stall


def change(fair: Fair, stall: dict, name: str, if_match: str | None) -> tuple[int, str]:
    told = {} if if_match is None else {"If-Match": if_match}
    answer = fair.client().put(f"{ROOT}/stalls/{stall['id']}", json=new_stall(name=name), headers=fair.headers(**told))
    return answer.status_code, answer.json.get("code", answer.headers.get("ETag"))


def test_a_change_needs_the_version_that_was_seen(fair: Fair):
    stall = fair.register()
    assert change(fair, stall, "Otra", None) == (428, "precondition.missing")
    assert change(fair, stall, "Otra", '"2"') == (412, "changed_meanwhile")
    assert change(fair, stall, "Otra", '"1"') == (200, '"2"')
    assert change(fair, stall, "Y otra", '"1"') == (412, "changed_meanwhile")
    assert change(fair, stall, "Y otra", '"2"') == (200, '"3"')


def test_of_two_changes_of_one_version_at_the_same_moment_one_is_refused(fair: Fair):
    stall = fair.register()
    together = Barrier(2)

    def change_at_once(name: str) -> int:
        together.wait()
        return change(fair, stall, name, '"1"')[0]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change_at_once, ["Una", "Otra"])) == [200, 412]
    shown = fair.client().get(f"{ROOT}/stalls/{stall['id']}", headers=fair.headers())
    assert shown.headers["ETag"] == '"2"'


def test_who_has_the_version_of_today_is_sent_nothing(fair: Fair):
    stall = fair.register()
    path = f"{ROOT}/stalls/{stall['id']}"
    for seen in ('"1"', 'W/"1"', '"0", "1"'):
        answer = fair.client().get(path, headers=fair.headers(**{"If-None-Match": seen}))
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')
    answer = fair.client().get(path, headers=fair.headers(**{"If-None-Match": '"2"'}))
    assert (answer.status_code, answer.json["version"]) == (200, 1)


def test_a_record_that_is_gone_is_404_and_not_412(fair: Fair):
    stall = fair.register()
    condition = {"If-Match": '"1"'}
    path = f"{ROOT}/stalls/{stall['id']}"
    assert fair.client().delete(path, headers=fair.headers(**condition)).status_code == 204
    assert fair.client().delete(path, headers=fair.headers(**condition)).status_code == 404
