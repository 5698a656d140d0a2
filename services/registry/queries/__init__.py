"""Reads for lists, pages and reports: plain rows, each showing only what its reader may see."""
