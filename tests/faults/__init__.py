"""One test per row of the fault matrix, and the one criterion they all end with."""
