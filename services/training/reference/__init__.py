"""The dated data that training ships: topics, weights and limits of rounds."""
