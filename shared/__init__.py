"""The mechanisms every service stands on; no business rule and no table of a service lives here."""
