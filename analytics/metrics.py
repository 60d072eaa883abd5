"""The metrics by their names: our column, Pinterest's name, and what people call it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure that Pinterest counts, by its names here and there."""

    # The column of AccountDay, PinDay, PinSummary …, in the field's own terms.
    column: str
    # On our pages.
    label: str
    # Of daily metrics (GET /user_account/analytics).
    daily_name: str
    # Of `pin_metrics.lifetime_metrics`; empty where Pinterest has none.
    lifetime_name: str = ""
    # In the specification's JSON ("Analytics").
    json_label: str = ""
    # A fraction of the impressions: never added up, never averaged over days.
    is_rate: bool = False


PIN_CLICK_RATE = Metric("pin_click_rate", "Pin click rate", "PIN_CLICK_RATE", "", "Pin Click Rate", is_rate=True)
IMPRESSIONS = Metric("impressions", "Impressions", "IMPRESSION", "impression", "Impressions")
PIN_CLICKS = Metric("pin_clicks", "Pin clicks", "PIN_CLICK", "pin_click", "Pin Clicks")
ENGAGEMENT = Metric("engagement", "Engagement", "ENGAGEMENT", "", "Engagement")
SAVES = Metric("saves", "Saves", "SAVE", "save", "Saves")
OUTBOUND_CLICKS = Metric("outbound_clicks", "Outbound clicks", "OUTBOUND_CLICK", "clickthrough", "Outbound Clicks")
REACTIONS = Metric("reactions", "Reactions", "TOTAL_REACTIONS", "reaction")
COMMENTS = Metric("comments", "Comments", "TOTAL_COMMENTS", "comment")

# The tiles of the account page, in their order.
ACCOUNT_METRICS = (IMPRESSIONS, PIN_CLICKS, OUTBOUND_CLICKS, SAVES, ENGAGEMENT, PIN_CLICK_RATE)
# What /analytics/account.json tells: the specification lists no outbound clicks for accounts.
ACCOUNT_JSON_METRICS = (PIN_CLICK_RATE, IMPRESSIONS, PIN_CLICKS, ENGAGEMENT, SAVES)
PIN_METRICS = (IMPRESSIONS, PIN_CLICKS, OUTBOUND_CLICKS, SAVES)
LIFETIME_METRICS = (*PIN_METRICS, REACTIONS, COMMENTS)
