"""Fills the new columns, five hundred pins at a time, so that no worker waits for their rows.

Before there is an index on them, since PostgreSQL then leaves the other indexes of most rows alone.
"""

import hashlib
import re

from django.db import migrations

from pins.rules.addresses import normalized

BATCH = 500
KEY_LENGTH = 255
TRACKING = re.compile(r"(utm_[^=]*|gclid)(=|$)", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)


def fill_keys(apps, schema_editor):
    pins, attachments = apps.get_model("pins", "Pin").objects, apps.get_model("pins", "Attachment").objects
    unfilled, last = pins.filter(link_key="", picture_key="").order_by("pk").only("pk", "link"), 0
    while batch := list(unfilled.filter(pk__gt=last)[:BATCH]):
        files = {pin.pk: [] for pin in batch}
        attached = attachments.filter(pin__in=list(files)).order_by("pin", "position")
        for pk, sha256 in attached.values_list("pin", "media__sha256"):
            files[pk].append(sha256)
        for pin in batch:
            pin.link_key, pin.picture_key = link_key(pin.link), picture_key(files[pin.pk])
        pins.bulk_update([pin for pin in batch if pin.link_key or pin.picture_key], ["link_key", "picture_key"])
        last = batch[-1].pk


def link_key(link):
    link = link.strip()
    key = without_decoration(link) if WEB_ADDRESS.fullmatch(link) else link
    return key if len(key) <= KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def without_decoration(link):
    address, _, _ = normalized(link).partition("#")
    path, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not TRACKING.match(part)]
    return "?".join([path.rstrip("/"), *filter(None, ["&".join(kept)])])


def picture_key(files):
    return "".join(files) if len(files) < 2 else hashlib.sha256(" ".join(files).encode()).hexdigest()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pins", "0026_spacing_keys")]
    operations = [migrations.RunPython(fill_keys, migrations.RunPython.noop)]
