"""The consent page, where a person chooses one of the demo accounts and what the app may do."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from postiz_pins.sandbox.api.oauth import SCOPES, issue_code

from . import state
from .site import render


def complaint(request: HttpRequest) -> str:
    """Return what is wrong with the app's request, in a sentence; empty if nothing is."""
    query = request.GET
    if query.get("client_id") != settings.PINTEREST_APP_ID:
        return f"No app has the client_id {query.get('client_id', '')!r}."
    redirect_uri = urlsplit(query.get("redirect_uri", ""))
    if redirect_uri.scheme not in ("http", "https") or not redirect_uri.netloc:
        return "The redirect_uri is missing or is no http(s) address."
    if query.get("response_type") != "code":
        return "The response_type must be code."
    scopes = requested_scopes(request)
    if not scopes:
        return "No scope is requested."
    # Joined with anything but commas, several scopes look like a single unknown one.
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        return f"There is no scope {unknown[0]!r}. Scopes are joined with commas."
    return ""


def requested_scopes(request: HttpRequest) -> list[str]:
    """Return the scopes that the app asks for."""
    return [scope for scope in request.GET.get("scope", "").split(",") if scope]


def ask(request: HttpRequest) -> HttpResponse:
    """Show the page of consent."""
    wrong = complaint(request)
    if wrong:
        return render("message.html", {"title": "This request cannot be allowed", "text": wrong}, status=400)
    with state.store.transaction() as db:
        accounts = db.execute(
            "SELECT accounts.*, (SELECT COUNT(*) FROM boards WHERE account_id = accounts.id) AS board_count"
            " FROM accounts ORDER BY seq"
        ).fetchall()
    return render(
        "consent.html",
        {
            "accounts": [dict(account) for account in accounts],
            "scopes": [(scope, SCOPES[scope]) for scope in requested_scopes(request)],
            "client_id": request.GET["client_id"],
            "returns_to": urlsplit(request.GET["redirect_uri"]).netloc,
            "action": request.get_full_path(),
        },
    )


def decide(request: HttpRequest) -> HttpResponse:
    """Answer the buttons of the page of consent."""
    wrong = complaint(request)
    if wrong:
        return render("message.html", {"title": "This request cannot be allowed", "text": wrong}, status=400)
    if request.POST.get("decision") != "allow":
        return send_back(request, {"error": "access_denied"})
    granted = [scope for scope in requested_scopes(request) if scope in request.POST.getlist("scope")]
    with state.store.transaction() as db:
        account = db.execute(
            "SELECT id FROM accounts WHERE username = ?", (request.POST.get("account", ""),)
        ).fetchone()
        if account is None:
            text = "Choose one of the accounts, then allow again."
            return render("message.html", {"title": "Which account?", "text": text}, status=400)
        code = issue_code(db, account["id"], request.GET["redirect_uri"], granted)
    return send_back(request, {"code": code})


def send_back(request: HttpRequest, answer: dict[str, str]) -> HttpResponse:
    """Redirect to the app with the answer and its `state`."""
    parts = urlsplit(request.GET["redirect_uri"])
    query = "&".join(filter(None, (parts.query, urlencode({**answer, "state": request.GET.get("state", "")}))))
    return HttpResponseRedirect(urlunsplit(parts._replace(query=query, fragment="")))
