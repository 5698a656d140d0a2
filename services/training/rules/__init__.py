"""Pure computation of the training service."""
