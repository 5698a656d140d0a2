"""What territory computes: places, cells, classes, chains and what may be told of them. It reads and writes nothing."""
