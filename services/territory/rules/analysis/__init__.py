"""What the inventory says of a territory: pure analyses of its enterprises, value chains and services."""
