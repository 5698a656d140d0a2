"""The five services of the house; none imports another."""
