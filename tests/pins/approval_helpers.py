"""What people do about pins that need an approval, as their browsers send it; for the tests of approval."""

from django.urls import reverse

from accounts.models import (
    Notification,
)
from pins.models import Pin
from pins.scheduling import approval
from postiz_pins.common.undo import undo_of

# As the field of the composer takes it.
TOMORROW = "2031-05-06T07:08"


def propose(pin, publish_at, *, by, now):
    pin.publish_at = publish_at
    pin.save()
    assert approval.propose(pin, by=by, now=now, confirmed=["publish_at_past"])


def read(pin):
    return Pin.objects.with_content().get(pk=pin.pk)


def events(pin):
    return [(event.kind, event.by) for event in pin.events.all()]


def told(kind):
    return {notification.user.email for notification in Notification.objects.filter(kind=kind)}


def opened(browser, pin):
    """The composer's form as it stands on the page of somebody who has just opened it."""
    form = browser.get(reverse("pins:pin_edit", args=[pin.pk])).context["form"]
    attachments = [attached.media.pk for attached in form.attachments]
    fields = {name: form[name].value() for name in ("board", "title", "description", "link", "version")}
    publish_at = form["publish_at"].value() or ""
    return fields | {"attachments": attachments, "form_token": "", "publish_at": publish_at}


def press(browser, pin, action, form=None, **changes):
    form = opened(browser, pin) if form is None else form
    return browser.post(reverse("pins:pin_edit", args=[pin.pk]), form | changes | {"action": action})


def approve(browser, pin, version=None):
    version = Pin.objects.get(pk=pin.pk).version if version is None else version
    return browser.post(reverse("pins:pin_approve", args=[pin.pk]), {"version": version}, follow=True)


def send_back(browser, pin, comment="A warmer title, please.", version=None):
    version = Pin.objects.get(pk=pin.pk).version if version is None else version
    address = reverse("pins:pin_send_back", args=[pin.pk])
    return browser.post(address, {"version": version, "comment": comment}, follow=True)


def undo(browser, page):
    """Press the button of the last message."""
    *_, message = page.context["messages"]
    button = undo_of(message)
    return browser.post(button.url, button.fields, follow=True)
