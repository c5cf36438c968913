"""mailflow: one mail address for companies, many offices behind it, one combined answer."""

__version__ = "0.1.0"
