"""Measuring: our figure, a baseline and a limit, all from the same run."""
