"""The analytics as JSON, in the OpenAPI document of the API."""

from __future__ import annotations

import datetime

from pydantic import BaseModel, Field

from pins.api_document import ACCOUNT, SHARED_ADDRESSES, TEXT, Parameter, SharedAddress

from .periods import LONGEST_DAYS


class DatedTotal(BaseModel):
    total: str = Field(description="A number as text; a rate is in percent.", examples=["1523"])
    date: datetime.date = Field(description="In UTC.", examples=["2024-03-15"])


class MetricAnswer(BaseModel):
    """A metric in the specification's shape ("Analytics")."""

    label: str = Field(examples=["Impressions"])
    percentage_change: float = Field(
        serialization_alias="percentageChange",
        description="Against the preceding period of equal length; 0 where nothing can be compared.",
        examples=[0],
    )
    data: list[DatedTotal] = Field(description="Oldest first. Days that Pinterest has not told yet are left out.")


DAYS = Parameter(
    "days", "How many days, up to the newest one with data.", {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS}
)
DAY = {"type": "string", "format": "date"}


def describe() -> None:
    SHARED_ADDRESSES.extend(
        [
            SharedAddress(
                path="/analytics/account.json",
                operation_id="getAccountAnalytics",
                summary="Daily analytics of an account",
                description="Pin Click Rate, Impressions, Pin Clicks, Engagement and Saves by day, of one account: of"
                " the workspace's first one if none is named. Give either `days` or `start` and `end`, or nothing for"
                " the last 30 days.",
                answer=list[MetricAnswer],
                parameters=(
                    ACCOUNT,
                    DAYS,
                    Parameter("start", "First day of a range of your own, in UTC.", DAY),
                    Parameter("end", "Its last day.", DAY),
                ),
                refusals=(400, 401, 403, 404, 429),
            ),
            SharedAddress(
                path="/analytics/pins/{pinterest_pin_id}.json",
                operation_id="getPinAnalytics",
                summary="Lifetime analytics of a pin",
                description="Impressions, Pin Clicks, Outbound Clicks and Saves since the pin was published. The last"
                " `total` of each is its lifetime total.",
                answer=list[MetricAnswer],
                parameters=(
                    Parameter("pinterest_pin_id", "Pinterest's id of a pin published from here.", TEXT, place="path"),
                    DAYS,
                ),
                refusals=(400, 401, 403, 404, 429),
            ),
        ]
    )
