"""The indexes that lists of the inventory stand on."""

from sqlalchemy import Index, text

LIST_INDEXES = (
    Index("ix_enterprise_sort_name", "sort_name", "id"),
    Index("ix_enterprise_recorded", "recorded_on", "id"),
    Index("ix_enterprise_changed", "changed_at", "id"),
    Index("ix_enterprise_activity", "activity", "id"),
    Index(
        "ix_enterprise_taken_back",
        "municipality",
        sqlite_where=text("consent_registry IS 0"),
        postgresql_where=text("consent_registry IS false"),
    ),
    Index(
        "ix_enterprise_counted",
        *("municipality", "active", "consent_registry", "validation", "place_state", "chain", "tier"),
        *("consent_credit", "consent_map", "recorded_on"),
    ),
)
"""The last one answers what is counted by itself: counts and dashboards read no record."""
