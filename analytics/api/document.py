"""The analytics as JSON, in the OpenAPI document of the API."""

from __future__ import annotations

import datetime

from pydantic import BaseModel, Field

from analytics.periods import LONGEST_DAYS
from pins.api.openapi import ACCOUNT, SHARED_ADDRESSES, TEXT, Parameter, SharedAddress


class DatedTotal(BaseModel):
    """A total of one day."""

    total: str = Field(description="A number as a string; rates are in percent.", examples=["1523"])
    date: datetime.date = Field(description="In UTC.", examples=["2024-03-15"])


class MetricAnswer(BaseModel):
    """A metric in the specification's shape ("Analytics")."""

    label: str = Field(examples=["Impressions"])
    percentage_change: float = Field(
        alias="percentageChange",
        description="Compared with the preceding period of equal length; 0 if nothing can be compared.",
        examples=[0],
    )
    data: list[DatedTotal] = Field(description="Oldest first. Days that Pinterest hasn't released yet are left out.")


class HourAnswer(BaseModel):
    """An hour of the week with the engagement of its pins."""

    weekday: str = Field(examples=["Tuesday"])
    hour: int = Field(description="0 to 23, in `time_zone`.", examples=[18])
    pins: int
    engagement: float = Field(
        description="Pin clicks, outbound clicks and saves per pin in its first week; small samples are weighted"
        " toward the overall average."
    )
    times_average: float = Field(examples=[1.6])
    is_recommended: bool


class BoardMedianAnswer(BaseModel):
    """A board with the median engagement of its pins."""

    name: str
    pins: int
    median: float


class BestTimesAnswer(BaseModel):
    """When the pins of an account do best."""

    account: str = Field(description="Username of the account.", examples=["chairshop"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    worked_out_at: datetime.datetime
    pins: int = Field(description="Published in the last twelve months, with a complete first week.")
    is_enough: bool = Field(description="Whether there are enough pins to recommend an hour.")
    missing: list[str] = Field(description="What is still missing for that.")
    hours: list[HourAnswer] = Field(description="Hours of the week with pins.")
    boards: list[BoardMedianAnswer] = Field(description="Boards with enough pins, best first.")


DAYS = Parameter(
    "days",
    "Number of days, up to the newest day with data.",
    {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS},
)
DAY = {"type": "string", "format": "date"}


def describe() -> None:
    """Add the addresses with analytics to the API's document."""
    SHARED_ADDRESSES.extend(
        [
            SharedAddress(
                path="/analytics/account.json",
                operation_id="getAccountAnalytics",
                summary="Daily analytics of an account",
                description="Pin Click Rate, Impressions, Pin Clicks, Engagement and Saves by day, of one account:"
                " of the workspace's first account by default. Use either `days` or `start` and `end`; the default"
                " is the last 30 days.",
                answer=list[MetricAnswer],
                parameters=(
                    ACCOUNT,
                    DAYS,
                    Parameter("start", "First day of a custom range, in UTC.", DAY),
                    Parameter("end", "Last day of the range.", DAY),
                ),
                refusals=(400, 401, 403, 404, 429),
            ),
            SharedAddress(
                path="/analytics/best-times.json",
                operation_id="getBestTimes",
                summary="Best times to publish",
                description="By the engagement of the account's own pins in their first seven days; of the"
                " workspace's first account by default. Accounts are never combined.",
                answer=BestTimesAnswer,
                parameters=(ACCOUNT,),
            ),
            SharedAddress(
                path="/analytics/pins/{pinterest_pin_id}.json",
                operation_id="getPinAnalytics",
                summary="Lifetime analytics of a pin",
                description="Impressions, Pin Clicks, Outbound Clicks and Saves since the pin was published. The last"
                " `total` of each is its lifetime total.",
                answer=list[MetricAnswer],
                parameters=(
                    Parameter(
                        "pinterest_pin_id", "Pinterest's ID of a pin published with Postiz Pins.", TEXT, place="path"
                    ),
                    DAYS,
                ),
                refusals=(400, 401, 403, 404, 429),
            ),
        ]
    )
