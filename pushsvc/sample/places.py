"""Where things are in the city: its codes, and how many live in each district."""

from __future__ import annotations

from functools import cache

from profiles.standards import regions

CITY = "990100"
ZONE = "990171"
SPLIT = "990114"  # a district that was split: facts recorded with it need asking
ELSEWHERE = ("340000", "360000", "420000", "510000")  # households registered in other provinces
DISTRICTS = tuple(f"9901{number:02d}" for number in range(1, 14))
WEIGHTS = (16, 12, 11, 9, 9, 8, 7, 7, 6, 5, 4, 4, 2)
RAIN = DISTRICTS[:3]  # where the red rain of the sample falls


@cache
def code_of(name: str) -> str:
    """The code of a district by its name, or the city's for "city"."""
    if name == "city":
        return CITY
    return next(code for code in DISTRICTS if regions.name_of(code) == name)
