"""The fault harness: the whole service, broken at random, and counted at the far ends."""
