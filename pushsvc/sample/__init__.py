"""The invented city: people, policies and what people did, made from a seed; no real person, no real subsidy."""

from pushsvc.sample.city import CITY_DAY, CityFiles, write_city

__all__ = ["CITY_DAY", "CityFiles", "write_city"]
