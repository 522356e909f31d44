"""The day it is in the city: what ages, windows and stages are decided by."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from pushsvc.context import Context

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def city_day(ctx: Context) -> date:
    """Today by the clock, in the city's zone."""
    return ctx.clock().astimezone(CITY_ZONE).date()
