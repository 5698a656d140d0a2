"""How the house is run: the one-process runner, the csem command, the demonstration territory."""
