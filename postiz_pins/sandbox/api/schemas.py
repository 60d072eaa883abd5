"""What POST /pins and its neighbours accept, as JSON Schema, and the words in which they refuse."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from .errors import invalid

ID = {"type": "string", "pattern": r"^\d+$"}
NULLABLE_ID = {"type": ["string", "null"], "pattern": r"^\d+$"}
CONTENT_TYPE = {"enum": ["image/jpeg", "image/png"]}
BASE64 = {"type": "string", "pattern": "^[a-zA-Z0-9+/=]+$"}
URL = {"type": "string", "minLength": 1}
ITEM_TEXTS = {"title": {"type": "string"}, "description": {"type": "string"}, "link": {"type": "string"}}


def nullable_text(max_length: int) -> dict[str, Any]:
    """Return the schema of a text that may be null."""
    return {"type": ["string", "null"], "maxLength": max_length}


def carousel(item: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a carousel of such items."""
    return {
        "required": ["source_type", "items"],
        "properties": {
            "index": {"type": "integer", "minimum": 0},
            "items": {
                "type": "array",
                "minItems": 2,
                "maxItems": 5,
                "items": {"type": "object", **item, "properties": {**item["properties"], **ITEM_TEXTS}},
            },
        },
    }


MEDIA_SOURCES: dict[str, dict[str, Any]] = {
    "image_url": {
        "required": ["source_type", "url"],
        "properties": {"url": URL, "is_standard": {"type": "boolean"}},
    },
    "image_base64": {
        "required": ["source_type", "content_type", "data"],
        "properties": {"content_type": CONTENT_TYPE, "data": BASE64, "is_standard": {"type": "boolean"}},
    },
    "multiple_image_urls": carousel({"required": ["url"], "properties": {"url": URL}}),
    "multiple_image_base64": carousel(
        {"required": ["content_type", "data"], "properties": {"content_type": CONTENT_TYPE, "data": BASE64}}
    ),
    "video_id": {
        "required": ["source_type", "media_id"],
        "properties": {
            "media_id": ID,
            "cover_image_url": URL,
            "cover_image_content_type": CONTENT_TYPE,
            "cover_image_data": {"type": "string"},
            "cover_image_key_frame_time": {"type": "integer", "minimum": 0},
            "is_standard": {"type": "boolean"},
        },
    },
}

PIN_CREATE = {
    "type": "object",
    "required": ["board_id", "media_source"],
    "properties": {
        "board_id": ID,
        "board_section_id": NULLABLE_ID,
        "title": nullable_text(100),
        "description": nullable_text(800),
        "link": nullable_text(2048),
        "alt_text": nullable_text(500),
        "dominant_color": {"type": ["string", "null"], "pattern": "^#[0-9A-Fa-f]{6}$"},
        "parent_pin_id": NULLABLE_ID,
        "sponsor_id": NULLABLE_ID,
        "media_source": {
            "type": "object",
            "required": ["source_type"],
            "properties": {"source_type": {"enum": list(MEDIA_SOURCES)}},
        },
    },
}

BOARD_CREATE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 180},
        "description": {"type": ["string", "null"]},
        "privacy": {"enum": ["PUBLIC", "PROTECTED", "SECRET"]},
        "is_ads_only": {"type": "boolean"},
    },
}

MEDIA_CREATE = {
    "type": "object",
    "required": ["media_type"],
    "properties": {"media_type": {"enum": ["video"]}},
}


def check(value: Any, schema: dict[str, Any], where: str = "") -> None:
    """Raise a 400 that names the first rule which the value breaks."""
    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise invalid(f"Invalid request: {described(error, where)}")


def described(error: ValidationError, where: str) -> str:
    """Return the broken rule in Pinterest's words."""
    path = ".".join(str(part) for part in (where, *error.absolute_path) if part != "") or "body"
    shown = f"{error.instance!r:.60}"
    limit = error.validator_value
    match error.validator:
        case "pattern":
            return f"{path}: {shown} does not match '{limit}'"
        case "maxLength" | "minLength" | "maxItems" | "minItems" | "minimum":
            return f"{path}: value violates the constraint: {error.validator}={limit}"
        case "enum":
            return f"{path}: {shown} is not one of {limit}"
        case "type":
            return f"{path}: {shown} is not of type {limit!r}"
    return f"{path}: {error.message:.200}"


def check_pin(body: dict[str, Any]) -> None:
    """Raise a 400 for a body that POST /pins refuses."""
    check(body, PIN_CREATE)
    source = body["media_source"]
    kind = source["source_type"]
    check(source, MEDIA_SOURCES[kind], "media_source")
    if kind != "video_id" or source.get("cover_image_url") or "cover_image_key_frame_time" in source:
        return
    if not source.get("cover_image_content_type"):
        raise invalid("Invalid request: media_source needs one of cover_image_url or cover_image_content_type.")
    if not source.get("cover_image_data"):
        raise invalid("Invalid request: cover_image_content_type needs cover_image_data.")
