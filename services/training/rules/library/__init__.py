"""How materials are found, and which files the library takes."""
