"""The pure part: decisions over frozen values. No I/O, no clock, standard library only."""
