"""The dated data that training ships: topics, weights, limits, rules, instruments and templates."""
