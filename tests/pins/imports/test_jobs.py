"""Workers fetch the media of an import and create its pins: each row once, whatever happens to a worker."""

import errno
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership, Role
from pins.imports import fetching, jobs, services
from pins.media import remote
from pins.models import ImportStatus, MediaFile, Pin, PinImport, PinStatus, RowStatus
from pins.tags.services import names_of
from tests.factories import MediaFileFactory, MembershipFactory, PinFactory
from tests.media_bytes import picture_bytes, video_bytes
from tests.pins.queue.helpers import add_times
from tests.pins.web_server import answers, serving

from .helpers import NOW, codes, imported, messages


@pytest.fixture
def library(team):
    team.board.name = "Chairs"
    team.board.save()
    with time_machine.travel(NOW):
        yield MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")


@pytest.fixture
def site(monkeypatch, team):
    team.board.name = "Chairs"
    team.board.save()
    monkeypatch.setattr(remote, "ALLOW_LOOPBACK", True)
    with serving() as site:
        yield site


def rows(count, **columns):
    named = {key.replace("_", " "): value for key, value in columns.items()}
    fixed = {"Library file": "oak.jpg", "Board": "Chairs", "Link": ""}
    return [{"Title": f"Chair {n}", **fixed, "Link": f"https://example.com/{n}", **named} for n in range(count)]


def create(pin_import, by):
    services.begin(pin_import, ImportStatus.CREATING, by=by, now=NOW)
    jobs.work_on(pin_import.pk, timezone.now())
    pin_import.refresh_from_db()


def fetch(pin_import, by):
    services.begin(pin_import, ImportStatus.FETCHING, by=by, now=NOW)
    jobs.work_on(pin_import.pk, timezone.now())
    pin_import.refresh_from_db()


def test_rows_become_pins_with_their_dates_in_the_order_of_the_file(team, library):
    pin_import = imported(team, *rows(3, Publish_date="2027-03-01T10:00", Keywords="oak, wood"))

    create(pin_import, team.alice)

    pins = list(Pin.objects.order_by("pk"))
    assert [pin.title for pin in pins] == ["Chair 0", "Chair 1", "Chair 2"]
    assert {(pin.status, pin.board, pin.keywords, pin.created_by) for pin in pins} == {
        (PinStatus.SCHEDULED, team.board, "oak, wood", team.alice)
    }
    assert [row.pin for row in pin_import.rows.all()] == pins
    assert pin_import.status == ImportStatus.REVIEW
    assert "From “plan.csv”, row 2." in pins[0].events.first().text


def test_rows_with_problems_stay_and_become_pins_once_they_are_corrected(team, library):
    pin_import = imported(team, *rows(2), *rows(1, Title="x" * 101))
    create(pin_import, team.alice)
    assert [row.status for row in pin_import.rows.all()] == [RowStatus.CREATED, RowStatus.CREATED, RowStatus.OPEN]

    services.set_cell(pin_import, 4, "title", "Shorter", NOW)
    create(pin_import, team.alice)

    assert Pin.objects.count() == 3


def test_a_worker_that_comes_twice_creates_nothing_twice(team, library):
    pin_import = imported(team, *rows(3))
    create(pin_import, team.alice)
    create(pin_import, team.alice)
    jobs.work_on(pin_import.pk, timezone.now())

    assert Pin.objects.count() == 3


def test_a_deleted_pin_is_not_created_again(team, library):
    pin_import = imported(team, *rows(2))
    create(pin_import, team.alice)
    Pin.objects.first().delete()

    create(pin_import, team.alice)

    assert Pin.objects.count() == 1


def test_a_worker_that_dies_in_a_batch_leaves_nothing_of_it_and_another_one_goes_on(team, library, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    pin_import = imported(team, *rows(5))
    made = []
    create_one = jobs.composer.create

    def dying(*args, **kwargs):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(1)
        return create_one(*args, **kwargs)

    monkeypatch.setattr(jobs.composer, "create", dying)
    with pytest.raises(KeyboardInterrupt):
        create(pin_import, team.alice)
    assert Pin.objects.count() == 2
    monkeypatch.setattr(jobs.composer, "create", create_one)

    jobs.work_on(pin_import.pk, timezone.now())
    assert Pin.objects.count() == 2  # the lease of the dead one still lasts
    jobs.work_on(pin_import.pk, timezone.now() + jobs.LEASE)

    assert sorted(Pin.objects.values_list("title", flat=True)) == [f"Chair {n}" for n in range(5)]


def test_a_worker_whose_lease_was_taken_writes_nothing(team, library):
    pin_import = imported(team, *rows(3))
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=NOW)
    token = PinImport.objects.filter(pk=pin_import.pk).claim(timezone.now(), timezone.now() + jobs.LEASE)
    late = jobs.ImportLease(jobs._read(pin_import.pk, token))
    PinImport.objects.filter(pk=pin_import.pk).claim(timezone.now() + jobs.LEASE * 2, timezone.now() + jobs.LEASE * 3)

    with pytest.raises(jobs.LeaseLost):
        jobs.create_batch(late, by=team.alice, now=NOW)

    assert not Pin.objects.exists()


def test_imports_that_no_worker_is_at_are_continued(team, library, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs.queueing, "send", lambda *args: sent.append(args))
    pin_import = imported(team, *rows(1))
    imported(team, *rows(1))  # waits for a person
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=NOW)

    jobs.continue_imports(timezone.now())

    assert sent == [(services.TASK, pin_import.pk)]


def test_pins_of_who_needs_an_approval_are_proposed(team, library):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    pin_import = imported(team, *rows(2, Publish_date="2027-03-01"), by=editor)

    create(pin_import, editor)

    assert set(Pin.objects.values_list("status", "proposed_by")) == {(PinStatus.PROPOSED, editor.pk)}


def test_who_creates_decides_and_not_who_has_uploaded(team, library):
    team.workspace.requires_approval = True
    team.workspace.save()
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR).user
    pin_import = imported(team, *rows(1, Publish_date="2027-03-01"), by=team.alice)

    create(pin_import, editor)

    assert Pin.objects.get().status == PinStatus.PROPOSED


def test_nothing_is_created_for_who_may_no_longer_edit(team, library):
    editor = MembershipFactory(workspace=team.workspace, role=Role.EDITOR)
    pin_import = imported(team, *rows(1), by=editor.user)
    Membership.objects.filter(pk=editor.pk).update(role=Role.VIEWER)

    create(pin_import, editor.user)

    assert not Pin.objects.exists()
    assert "Start it again" in pin_import.error


def test_rows_without_a_date_go_into_the_queue(team, library):
    add_times(team.account, "18:30")
    pin_import = imported(team, *rows(2), destination="queue")

    create(pin_import, team.alice)

    moments = [pin.publish_at for pin in Pin.objects.order_by("pk")]
    assert moments[0] < moments[1]
    assert all(Pin.objects.values_list("is_queued", flat=True))


def test_a_full_queue_is_a_problem_of_its_rows(team, library):
    pin_import = imported(team, *rows(1), destination="queue")

    create(pin_import, team.alice)

    assert codes(pin_import) == {2: ["queue_full"]}


def test_an_exact_double_of_a_pin_that_is_there_is_a_problem(team, library):
    at = NOW + timedelta(days=3)
    other = PinFactory(board=team.board, status=PinStatus.SCHEDULED, publish_at=at, attachments=0, link="")
    other.attachments.create(media=library, position=0)
    pin_import = imported(team, *rows(1, Publish_date="2027-01-18T12:00", Link=""))

    create(pin_import, team.alice)

    assert codes(pin_import) == {2: ["exact_double"]}
    assert Pin.objects.count() == 1


def test_each_address_is_fetched_once_and_equal_bytes_are_one_file(team, site):
    picture = picture_bytes(600, 900)
    site.pages |= {"/a.jpg": answers(picture), "/b.jpg": answers(picture), "/gone.jpg": answers(b"no", status=404)}
    names = ["/a.jpg", "/a.jpg", "/b.jpg", "/gone.jpg"]
    pin_import = imported(
        team,
        *({"Title": f"Chair {n}", "Media URL": site.url + name, "Board": "Chairs"} for n, name in enumerate(names)),
    )

    fetch(pin_import, team.alice)

    assert MediaFile.objects.count() == 1
    assert codes(pin_import) == {5: ["media_unreachable"]}
    assert [path for path, _ in site.asked].count("/a.jpg") == 1
    create(pin_import, team.alice)
    assert Pin.objects.count() == 3


def test_a_page_instead_of_a_file_is_told_and_tried_again_when_asked(team, site):
    site.pages["/chair"] = answers(b"<html>A chair</html>")
    pin_import = imported(team, {"Title": "Oak", "Media URL": f"{site.url}/chair", "Board": "Chairs"})
    fetch(pin_import, team.alice)
    assert codes(pin_import) == {2: ["media_not_a_file"]}

    site.pages["/chair"] = answers(picture_bytes())
    fetch(pin_import, team.alice)

    assert codes(pin_import) == {}


def test_the_thumbnail_of_a_video_becomes_its_cover(team, site):
    site.pages["/oak.mp4"] = answers(video_bytes())
    pin_import = imported(
        team, {"Title": "Oak", "Media URL": f"{site.url}/oak.mp4", "Board": "Chairs", "Thumbnail": "0:01"}
    )

    fetch(pin_import, team.alice)
    create(pin_import, team.alice)

    pin = Pin.objects.with_content().get()
    assert codes(pin_import) == {}
    assert [media.kind for media in pin.media_files] == ["video", "image"]
    assert "frame at 1.0 s" in pin.media_files[1].original_name


def test_a_full_disk_stops_its_row_only(team, site, monkeypatch):
    site.pages |= {"/a.jpg": answers(picture_bytes(600, 900)), "/b.jpg": answers(picture_bytes(300, 450))}
    pin_import = imported(
        team, *({"Title": n, "Media URL": f"{site.url}/{n}.jpg", "Board": "Chairs"} for n in ("a", "b"))
    )
    store = fetching.store_upload

    def full(upload, **kwargs):
        if upload.name == "a.jpg":
            raise OSError(errno.ENOSPC, "No space left on device")
        return store(upload, **kwargs)

    monkeypatch.setattr(fetching, "store_upload", full)

    fetch(pin_import, team.alice)

    assert codes(pin_import) == {2: ["media_not_stored"]}
    assert "disk is full" in messages(pin_import, 2)[0]


def test_a_worker_that_is_to_stop_leaves_the_rest_to_the_next(team, library, asked_to_stop):
    pin_import = imported(team, *rows(2))
    asked_to_stop()

    create(pin_import, team.alice)

    assert not Pin.objects.exists()
    assert (pin_import.status, pin_import.claim_token) == (ImportStatus.CREATING, None)


def test_an_import_that_is_worked_on_is_not_changed(team, library):
    pin_import = imported(team, *rows(1))
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=NOW)

    with pytest.raises(services.ImportBusy):
        services.set_cell(pin_import, 2, "title", "Other", NOW)


def test_tags_of_the_file_are_put_on_the_pins_and_too_many_are_told(team, library):
    many = ", ".join(f"tag {number}" for number in range(11))
    pin_import = imported(team, *rows(1, Tags="Spring sale; oak"), *rows(2, Tags=many)[1:])

    create(pin_import, team.alice)

    assert names_of(Pin.objects.get()) == ["oak", "Spring sale"]
    [problem] = pin_import.rows.get(status=RowStatus.OPEN).problems
    assert (problem["code"], problem["field"]) == ("tags_too_many", "tags")
