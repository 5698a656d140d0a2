"""How a file of boundaries that a stranger sent is read: bounded, in a child process, believed in nothing."""
