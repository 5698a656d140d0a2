"""How a call sees the territory: its units, and live or published figures according to its role."""

from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.views import Selection, View
from services.territory.use_cases.publish_figures import published
from shared.web import Call


def view_of(call: Call, selection: Selection) -> View:
    """Live figures for who may see them; for others those published this month, published now where they are not."""
    if views.may_see_live(call.caller):
        return views.live(call.session, selection)
    ensure_published(call, selection.departments)
    return views.published(call.session, selection)


def ensure_published(call: Call, departments: tuple[str, ...]) -> None:
    """This month's publication of each department exists; made in a transaction of its own, before the reading."""
    context: Composition = call.context
    for department in departments:
        with context.database.transaction() as session:
            published(session, call.caller, department)
