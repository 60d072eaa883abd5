"""The tool of MCP that reads analytics."""

from __future__ import annotations

from pydantic import BaseModel, Field

from accounts.models import Scope
from analytics.periods import LONGEST_DAYS
from pins.api.application import ApiRequest
from pins.api.inputs import BIGGEST_ID
from pins.mcp.registry import Arguments, tool

from .document import MetricAnswer
from .views import get_pin_metrics


class PinAnalytics(Arguments):
    """Which pin is reported."""

    id: int = Field(ge=1, le=BIGGEST_ID)
    days: int | None = Field(None, ge=1, le=LONGEST_DAYS, description="Only the last so many days.")


class PinAnalyticsAnswer(BaseModel):
    """The metrics of a pin."""

    metrics: list[MetricAnswer]


@tool(Scope.FIGURES, "Pin analytics", is_read_only=True)
def pin_analytics(request: ApiRequest, arguments: PinAnalytics) -> PinAnalyticsAnswer:
    """Return impressions, pin clicks, outbound clicks and saves of a published pin; the last total is for its life."""
    return PinAnalyticsAnswer.model_validate({"metrics": get_pin_metrics(request, arguments.id, arguments.days)})
