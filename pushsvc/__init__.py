"""pushsvc tells citizens and enterprises of the government policies that concern them."""

__version__ = "0.1.0"
