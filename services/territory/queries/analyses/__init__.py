"""What the analyses say of a territory: each reads the copies, asks a rule, and answers with tables and a sentence."""

from services.territory.queries.analyses import (
    change,
    clusters,
    concentration,
    patterns,
    potential,
    quality,
    reach,
    selection,
    sites,
    specialisation,
    unmet,
)

ANALYSES = {
    "specialisation": specialisation.specialisation,
    "concentration": concentration.concentration,
    "change": change.change,
    "patterns": patterns.patterns,
    "clusters": clusters.clusters,
    "reach": reach.reach,
    "sites": sites.sites,
    "potential": potential.potential,
    "selection": selection.selection,
    "unmet": unmet.unmet,
    "quality": quality.quality,
}
"""By code, what answers it."""
