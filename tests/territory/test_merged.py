"""Two records that turned out to be one enterprise are one in the figures."""

from dataclasses import replace

from services.territory.models import COPY_TABLES, CopyMerged
from services.territory.queries.figures import figures
from services.territory.rules.figures import Count
from shared.bus.replay import canonical
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EnterpriseMerged, EnterpriseUnmerged, EntrepreneurWithdrawn
from tests.territory.conftest import facts, form_group, lend, tell


def test_one_that_was_trained_and_lent_to_under_the_absorbed_id_counts_once(database: Database) -> None:
    one, other = facts(consent_map=True), facts(consent_map=True)
    with database.transaction() as session:
        for known in (one, other):
            tell(session, EnterpriseChanged(facts=known))
        form_group(session, [other.enterprise_id])
        lend(session, other.enterprise_id, amount="1000.00")
        before = canonical(session, [table for table in COPY_TABLES if table.name != "copy_as_of"])
        gone = replace(other, active=False, point=None, consent_map=False)
        both = {"survivor_id": one.enterprise_id, "absorbed_id": other.enterprise_id}
        tell(session, EnterpriseChanged(facts=gone))
        tell(session, EnterpriseMerged(**both))

        told = figures(session, ["HN"])
        assert told.get("HN1709", "all") == told.get("HN1709", "training", "in") == Count(1, 1)
        assert figures(session, ["HN"], agreed=True).get("HN1709", "loans").number == 1

        tell(session, EnterpriseUnmerged(**both))
        tell(session, EnterpriseChanged(facts=other))
        assert figures(session, ["HN"]).get("HN1709", "training", "out") == Count(1, 1)
        assert canonical(session, [table for table in COPY_TABLES if table.name != "copy_as_of"]) == before


def test_a_withdrawal_forgets_that_they_were_one(database: Database) -> None:
    one, other = facts(), facts()
    with database.transaction() as session:
        both = {"survivor_id": one.enterprise_id, "absorbed_id": other.enterprise_id}
        tell(session, EnterpriseMerged(**both))
        gone = [one.enterprise_id, other.enterprise_id]
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=one.owner_ids[0], enterprise_ids=gone))
        assert session.query(CopyMerged).count() == 0
