"""What comes back of each operation: no more of a person than the caller's office needs."""

from typing import Any

from shared.testing import person
from shared.web import operations_of
from tests.credit.changing import asked
from tests.credit.house import CHAIR, OFFICER, House
from tests.credit.seeding import awarded, seed_house
from tests.credit.test_groups import GROUPS, called, pair
from tests.credit.test_pages import housed  # noqa: F401

NEVER = {"id_number", "document_number", "phone", "telephone", "email", "address", "lon", "lat", "birth_date"}
"""What no operation of credit gives anybody."""
_STAFF = {"technician", "coordinator", "credit_officer"}
_OVERSIGHT = {"network_coordinator", "auditor"}
_COMMITTEES = {"committee_member", "trust_fund_member"}
_TILL = {"coordinator", "credit_officer", "cashier"}
FIELDS = {
    "GuaranteeOut.document": _STAFF | _OVERSIGHT | _COMMITTEES,
    "GuaranteeOut.name": _STAFF | _OVERSIGHT | _COMMITTEES,
    "GuaranteeOut.guarantor_id": _STAFF | _OVERSIGHT | _COMMITTEES,
    "ApplicationOut.project": _STAFF | _OVERSIGHT | _COMMITTEES,
    "PaymentLineOut.payer": _TILL | _OVERSIGHT,
    "PaymentLineOut.reference": _TILL | _OVERSIGHT,
    "CollectionActionOut.note": _STAFF | _OVERSIGHT,
}
"""Who may be told what is about a person, by the schema that holds it: of a document only its end."""
PAPERS_WITH_DOCUMENTS = {"loans.download_note", "loans.print_closure", "seed-awards.download_agreement"}
"""Papers that bear the whole number of an identity document."""


def told(schema: Any) -> set[str]:
    """The fields of a schema and of what is nested in it, each with the schema that holds it."""
    found = set()
    for name, field in schema().fields.items():
        found.add(f"{schema.__name__}.{name}")
        nested = getattr(getattr(field, "inner", field), "schema", None)
        if nested is not None:
            found |= told(type(nested))
    return found


def test_no_operation_tells_more_of_a_person_than_an_office_needs(service):
    wrong, seen = [], set()
    for operation in operations_of(service.web):
        fields = told(operation.returns) if operation.returns else set()
        wrong += [f"{operation.name}: {one}" for one in fields if one.partition(".")[2] in NEVER]
        for one in fields & set(FIELDS):
            seen.add(one)
            beyond = operation.allow - FIELDS[one]
            if beyond:
                wrong.append(f"{operation.name}: {one} to {sorted(beyond)}")
    assert not wrong
    assert seen == set(FIELDS)


def test_papers_with_the_number_of_a_document_are_for_who_has_them_signed(service):
    papers = {one.name: one.allow for one in operations_of(service.web) if one.name in PAPERS_WITH_DOCUMENTS}
    assert papers == dict.fromkeys(PAPERS_WITH_DOCUMENTS, frozenset(_TILL))


def test_a_member_of_a_committee_sees_what_is_on_its_agenda_and_nothing_else(build_house, client):
    stranger = person("committee_member", scope="HN17", subject="of-another-committee")
    watcher = person("committee_member", "auditor", scope="HN17", subject="of-another-committee")

    def step(house: House) -> tuple[Any, Any]:
        one, other = house.appraised(), house.appraised()
        house.convened(one)
        return one, other

    _, (one, other) = build_house(step)
    for path in ("", "/attachments", "/guarantees"):
        assert client.get(CHAIR, f"/applications/{one.id}{path}").status == 200
        for who, hidden in ((CHAIR, other), (stranger, one), (stranger, other)):
            refused = client.get(who, f"/applications/{hidden.id}{path}")
            assert (refused.status, refused.code) == (403, "application.not_before_you"), path
    for who, shown in ((CHAIR, {one.number}), (stranger, set()), (watcher, {one.number, other.number})):
        rows = client.get(who, "/applications").body["items"]
        assert {row["number"] for row in rows} == shown
        waiting = client.get(who, "/applications/pipeline").body["items"]
        assert {row["number"] for stage in waiting for row in stage["items"]} == shown
    assert "sesión" in client.get(CHAIR, f"/applications/{other.id}").detail
    assert "agenda" in client.get(CHAIR, f"/applications/{other.id}", language="en").detail


def test_who_only_sits_on_committees_learns_nothing_more_by_another_way(build_house, client):
    """The schedule asked for, the session of another committee with its papers, the group, the loan and what waits."""

    def step(house: House) -> tuple[Any, Any, Any, Any]:
        loan = house.disbursed()
        asked(house, loan)
        one, _, group = pair(house)
        return loan, group, called(house, group), one.id

    _, (loan, group, meeting, application_id) = build_house(step, groups=GROUPS)
    stranger = person("committee_member", scope="HN17", subject="of-another-committee")
    schedule = f"/applications/{application_id}/schedule"
    assert client.get(stranger, schedule).code == "application.not_before_you"
    for path in ("", "/acta", "/notice"):
        assert client.get(stranger, f"/sessions/{meeting.id}{path}").code == "committee.not_on_it"
    assert client.get(stranger, "/sessions").body["items"] == []
    assert client.get(stranger, "/groups").body["items"] == []
    assert {one["application_id"] for one in client.get(stranger, f"/groups/{group.id}").body["members"]} == {None}
    shown = client.get(stranger, f"/loans/{loan.id}").body
    assert (shown["application_id"], shown["waiting_change"]["number"]) == (None, None)
    assert {row["application_id"] for row in client.get(stranger, "/loans").body["items"]} == {None}
    assert client.get(CHAIR, schedule).code == "application.is_on_agenda"
    assert client.get(CHAIR, f"/sessions/{meeting.id}").status == 200
    assert None not in {one["application_id"] for one in client.get(CHAIR, f"/groups/{group.id}").body["members"]}
    hers = client.get(CHAIR, f"/loans/{loan.id}").body
    assert (hers["application_id"], hers["waiting_change"]["id"]) == (str(loan.application_id), None)
    officers = client.get(OFFICER, f"/loans/{loan.id}").body
    assert officers["waiting_change"]["number"].startswith("FON")


def test_an_award_names_its_application_to_who_may_open_that(client, database):
    with database.transaction() as session:
        award = awarded(seed_house(session))
    stranger = person("committee_member", scope="HN17", subject="of-another-committee")
    for who, told in ((stranger, None), (CHAIR, str(award.application_id)), (OFFICER, str(award.application_id))):
        [row] = client.get(who, "/seed-awards").body["items"]
        shown = client.get(who, f"/seed-awards/{award.id}").body
        assert (row["application_id"], shown["application_id"]) == (told, told)
        assert shown["application"].startswith("SEM-S-")
