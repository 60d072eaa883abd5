from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.workspaces import WorkspaceRequest
from pins.models import Pin


@require_GET
def overview(request: WorkspaceRequest) -> HttpResponse:
    published = Pin.objects.in_workspace(request.workspace).published()
    figures = published.aggregate(published_count=Count("pk"), oldest_published_at=Min("published_at"))
    return render(request, "analytics/overview.html", figures)
