"""What the pages in pages.py show: a team with pins of all sorts, made through the app."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from .app_process import AppProcess, SandboxControls
from .media_files import jpeg, mp4
from .page_actions import compose, expect_status, pick_time, press, publish, send, sign_up


@dataclass
class World:
    """A team with pins of all sorts, and a person who may only look at it and whose own workspace is empty."""

    demo: Path
    newcomer: Path
    chair: Path
    pictures: list[Path]
    video: Path
    published: str
    failed: str
    proposed: str
    sent_back: str


def build_world(app: AppProcess, chromium: Browser, signed_in: Path, chair: Path, folder: Path) -> World:
    """Make what the pages show; the files go to `folder`."""
    newcomer = folder / "newcomer.json"
    sandbox = SandboxControls(app.sandbox_url)
    with chromium.new_context(base_url=app.url, storage_state=signed_in) as context:
        page = context.new_page()
        publish(page, chair, "Published for all to see")
        published = page.url
        sandbox.fault("pins/create", "board_not_found")
        publish(
            page,
            chair,
            "Refused by Pinterest, and with a title that runs over several lines on a telephone",
            outcome="Failed",
        )
        failed = page.url
        compose(page, chair, "One of these days")
        pick_time(page, "2031-05-06T07:08")
        send(page)
        press(page, "Schedule anyway")
        expect_status(page, "Scheduled")
    sandbox.close()
    with chromium.new_context(base_url=app.url) as context:
        sign_up(context.new_page(), "newcomer@example.com", "An empty workspace")
        context.storage_state(path=newcomer)
    app.python(
        "from accounts.models import *; Membership.objects.create(role=Role.VIEWER,"
        " user=User.objects.get(email='newcomer@example.com'), workspace=Workspace.objects.get(name='Demo team'))"
    )
    proposed, sent_back = reviewed_pins(app)
    app.python(
        "from accounts.models import *; member = Membership.objects.get(user__email='demo@example.com',"
        " workspace__name='Demo team'); Notification.objects.bulk_create(Notification(user=member.user,"
        " workspace=member.workspace, kind='failed', text=f'“Chair {number}” failed: The board is gone.', path='/')"
        " for number in range(50))"
    )
    sizes = [(400, 600)] * 4 + [(600, 600)]
    pictures = [jpeg(folder / f"{number}.jpg", size=size) for number, size in enumerate(sizes)]
    return World(signed_in, newcomer, chair, pictures, mp4(folder / "oak.mp4"), published, failed, proposed, sent_back)


def reviewed_pins(app: AppProcess) -> tuple[str, str]:
    """The addresses of a pin that waits for an approval, and of one that was sent back."""
    ids = app.python(
        "from pins.scheduling import approval; from pins.composer import services as composing;"
        " from pins.models import *; from django.utils import timezone;"
        " pin = Pin.objects.get(title='One of these days'); by = pin.created_by; now = timezone.now();"
        " made = [composing.duplicate_pin(pin, by=by, now=now) for _ in range(2)];"
        " [approval.propose(each, by=by, now=now) for each in made];"
        " approval.send_back(made[1], 'A warmer title, please.', version=1, by=by, now=now);"
        " print(*(each.pk for each in made))"
    )
    proposed, sent_back = (f"/pins/{pk}/" for pk in ids.split()[-2:])
    return proposed, sent_back
