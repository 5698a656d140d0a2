"""How responsible an enterprise is, by what it says and shows: instruments, scores, benchmarks and their drawing."""
