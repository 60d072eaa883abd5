"""GET /user_account."""

import sqlite3
from typing import Any

from django.http import HttpRequest, JsonResponse

from postiz_pins.sandbox import state
from postiz_pins.sandbox.pictures import picture_url

from .operations import Caller, operation


def represent_account(request: HttpRequest, db: sqlite3.Connection, account: sqlite3.Row) -> dict[str, Any]:
    """Return the JSON of an account."""
    count = "SELECT COUNT(*) FROM {} WHERE account_id = ?"
    return {
        "id": account["id"],
        "username": account["username"],
        "account_type": account["account_type"],
        "business_name": account["business_name"],
        "about": account["about"],
        "website_url": account["website_url"],
        "profile_image": picture_url(request, account["picture_id"], "600x"),
        "board_count": db.execute(count.format("boards"), (account["id"],)).fetchone()[0],
        "pin_count": db.execute(count.format("pins"), (account["id"],)).fetchone()[0],
        "follower_count": account["follower_count"],
        "following_count": account["follower_count"] // 9,
        "monthly_views": account["monthly_views"],
    }


@operation("user_account/get", "user_accounts:read")
def get_account(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Answer GET /user_account."""
    with state.store.transaction() as db:
        account = db.execute("SELECT * FROM accounts WHERE id = ?", (caller.account_id,)).fetchone()
        return JsonResponse(represent_account(request, db, account))
