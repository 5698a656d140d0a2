"""The analyses of territory against brute force, the literature and other libraries."""
