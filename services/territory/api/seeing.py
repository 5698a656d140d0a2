"""How a call sees the territory: its units, and live or published figures according to its role."""

from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.views import Selection, View
from services.territory.use_cases.publish_figures import ensure_published
from shared.web import Call


def view_of(call: Call, selection: Selection) -> View:
    """Live figures for who may see them; for others those published this month, published now where they are not."""
    if views.may_see_live(call.caller):
        return views.live(call.session, selection)
    return published_view(call, selection)


def published_view(call: Call, selection: Selection) -> View:
    """The figures published this month, whoever asks."""
    context: Composition = call.context
    ensure_published(context.database, call.caller, selection.departments)
    return views.published(call.session, selection)
