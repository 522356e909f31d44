"""The day it is in the city: what ages, windows and stages are decided by."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pushsvc.context import Context

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def city_day(ctx: Context) -> date:
    """Today by the clock, in the city's zone."""
    return day_of(ctx.clock())


def day_of(moment: datetime) -> date:
    """The day in the city at an aware moment: before eight in the morning not that of UTC."""
    return moment.astimezone(CITY_ZONE).date()
