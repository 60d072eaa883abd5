"""What is not in the export of a workspace, and why (postiz_pins/data/test_export.py)."""

# Models that lead to a workspace.
MODELS = {
    "accounts.Export": "the exports themselves; the audit trail tells of them",
    "accounts.Notification": "what single people were told; what it was about is exported itself",
    "accounts.WebhookDelivery": "kept for 14 days; what was told of is exported itself",
    "analytics.AccountFeed": "when what is fetched again",
    "analytics.BoardPeriod": "sums of pin_days",
    "analytics.PinPeriod": "sums of pin_days",
    "analytics.PinSummary": "the newest of pin_lifetimes, sums of pin_days, and when what is fetched again",
    "pins.CalendarFeed": "links of single members that open the plan, which is exported itself",
    "pins.PendingUpload": "what is being uploaded at this moment",
    "pins.PinImportMedia": "what of an import's addresses was fetched; the media are exported themselves",
    "pins.BulkChange": "what was done with many pins at once; the history of each pin tells of it",
    "pins.BulkItem": "likewise",
    "pins.PostingSlot": "which worker posts at this moment",
    "pins.UnsavedEdit": "what one person has typed and not saved",
}
# Columns of models that are exported.
OPENS = "it, or what it was made of, opens something"
WORKERS = "of the workers"
ITS_WORKSPACE = "there is but one workspace in an export"
ITS_LIST = "it stands within what it belongs to"
COLUMNS = {
    "accounts.ApiKey": {"workspace": ITS_WORKSPACE, "key_hash": OPENS},
    "accounts.AuditEntry": {"workspace": ITS_WORKSPACE, "by": "by_name says it, also of people who are gone"},
    "accounts.BoardSection": {"board": ITS_LIST},
    "accounts.Invitation": {"workspace": ITS_WORKSPACE, "token_hash": OPENS},
    "accounts.Membership": {"workspace": ITS_WORKSPACE},
    "accounts.PinterestAccount": {
        "workspace": ITS_WORKSPACE,
        "access_token_encrypted": OPENS,
        "refresh_token_encrypted": OPENS,
        **dict.fromkeys(("refresh_claim_token", "refresh_claimed_until", "renew_at", "posting_paused_until"), WORKERS),
        "reading_paused_until": WORKERS,
        "last_alert": WORKERS,
        "queue_low_told_at": WORKERS,
        "publishing_paused_at": WORKERS,
        "is_made_up": "the demo's accounts are on no real machine",
    },
    "accounts.WebhookEndpoint": {
        "workspace": ITS_WORKSPACE,
        **dict.fromkeys(("secret_encrypted", "previous_secret_encrypted"), OPENS),
        "form_token": "of the form that has added it or rotated its secret",
    },
    "analytics.AccountDay": {"id": "account and date are its key"},
    "analytics.PinDay": {"id": "pin and date are its key"},
    "analytics.PinLifetime": {"id": "pin and date are its key"},
    "analytics.WeeklySummary": {"workspace": ITS_WORKSPACE},
    "pins.Attachment": {"id": "pin and position are its key", "pin": ITS_LIST},
    "pins.LinkPreset": {"workspace": ITS_WORKSPACE, "boards": "a list of it"},
    "pins.LinkPreset_boards": {"id": "preset and board are its key", "linkpreset": ITS_LIST},
    "pins.MediaFile": {
        "workspace": ITS_WORKSPACE,
        "file": "Pinterest fetches it without a login: its name is the only key to it",
        "thumbnail": "likewise, and it can be made anew",
        "tags": "a list of it",
    },
    "pins.Pin": {
        "workspace": ITS_WORKSPACE,
        **dict.fromkeys(("media", "tags"), "lists of it"),
        "form_token": "of the composer",
        "request_sha256": "of the API",
        **dict.fromkeys(
            ("claim_token", "claimed_until", "claimed_by", "held_notice", "next_attempt_at", "preflight_at"), WORKERS
        ),
        **dict.fromkeys(
            ("attempts", "created_since", "looks", "overdue_since", "sent_at", "uploads", "upload_percent"), WORKERS
        ),
        **dict.fromkeys(("media_ready_at", "pinterest_media_id", "processing_since"), WORKERS),
        **dict.fromkeys(("has_video", "has_warnings", "link_key", "picture_key"), "follows from its other columns"),
        "spacing_kept": "its history tells of it",
    },
    "pins.MediaFile_tags": {"id": "file and tag are its key", "mediafile": ITS_LIST},
    "pins.Pin_tags": {"id": "pin and tag are its key", "pin": ITS_LIST},
    "pins.PinTemplate": {"workspace": ITS_WORKSPACE, **dict.fromkeys(("boards", "tags"), "a list of it")},
    "pins.PinTemplate_boards": {"id": "template and board are its key", "pintemplate": ITS_LIST},
    "pins.PinTemplate_tags": {"id": "template and tag are its key", "pintemplate": ITS_LIST},
    "pins.Snippet": {"workspace": ITS_WORKSPACE},
    "pins.Tag": {"workspace": ITS_WORKSPACE},
    "pins.PinImport": {
        "workspace": ITS_WORKSPACE,
        **dict.fromkeys(("claim_token", "claimed_until", "creates_at_once", "started_by"), WORKERS),
    },
    "pins.PinImportRow": {
        "id": "import and number are its key",
        "pin_import": ITS_LIST,
        **dict.fromkeys(("has_problems", "needs_media"), "follows from its other columns"),
    },
    "pins.PinFamily": {"workspace": ITS_WORKSPACE},
    "pins.PinComment": {"id": "they stand in their order", "pin": ITS_LIST},
    "pins.PinEvent": {"id": "they stand in their order", "pin": ITS_LIST},
}
