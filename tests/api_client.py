"""A program that uses the JSON API with a key."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.api_keys import services as api_keys

from .factories import picture_bytes


class ApiClient(Client):
    """Sends JSON and the key; `program.key` may be changed on the way."""

    def __init__(self, workspace, by, name="Shop import"):
        super().__init__()
        self.row, self.key = api_keys.create(workspace, name, by=by, now=timezone.now())

    def request(self, **environ):
        return super().request(**({"HTTP_AUTHORIZATION": f"Bearer {self.key}"} if self.key else {}), **environ)

    def create_pin(self, idempotency_key=None, **fields):
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return self.post("/api/pins", fields, content_type="application/json", headers=headers)

    def upload(self, content=None, name="chair.jpg"):
        content = picture_bytes() if content is None else content
        return self.post("/api/media", {"file": SimpleUploadedFile(name, content)})


def errors(response):
    """The answer's errors as (code, field); each has a sentence."""
    listed = response.json()["errors"]
    assert listed
    assert all(set(each) == {"code", "field", "message"} for each in listed)
    assert all(each["message"].endswith(".") for each in listed)
    return [(each["code"], each["field"]) for each in listed]
