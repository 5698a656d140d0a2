"""Diplomas: who earns one, what is signed of it, and how anybody checks that without asking the house."""
