"""What territory does: one activity a module, one transaction each."""
