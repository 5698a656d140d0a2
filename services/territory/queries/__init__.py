"""Reads for maps, tables and reports: SQL to plain rows, never through entities."""
