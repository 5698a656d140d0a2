"""The dated data that training ships."""
