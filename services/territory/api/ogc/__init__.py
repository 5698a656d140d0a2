"""The standard doors: OGC API - Features, with CQL2 filters, and OGC API - Tiles."""
