"""Signatures that vendors ask for, as pure functions: the moment and the key are handed in."""
