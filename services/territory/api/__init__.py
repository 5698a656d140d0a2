"""The operations of territory's API: parse, do, return."""
