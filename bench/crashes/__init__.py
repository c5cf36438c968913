"""Kill mailflow at every point of its work: see ``__main__``."""
