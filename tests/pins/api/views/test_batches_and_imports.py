"""Many pins in one request, and files of pins."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pins.imports import jobs
from pins.models import Pin, PinImport, PinStatus
from tests.api_client import ApiClient, errors
from tests.factories import MediaFileFactory


@pytest.fixture
def program(team):
    return ApiClient(team.workspace, team.alice)


def batch(program, *pins, key=None, **fields):
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"pins": list(pins), **fields}
    return program.post("/api/pins/batch", body, content_type="application/json", headers=headers)


def results(response):
    return [(each["status"], [error["code"] for error in each["errors"]]) for each in response.json()["results"]]


def test_each_pin_has_a_result_of_its_own(program, team):
    image = MediaFileFactory(workspace=team.workspace)
    complete = {"board": team.board.pinterest_id, "attachments": [image.pk], "publish_at": "2027-03-01T10:00:00Z"}

    response = batch(program, {"title": "Draft"}, {**complete, "title": "x" * 101}, {**complete, "title": "Oak"})

    assert results(response) == [("created", []), ("refused", ["title_too_long"]), ("created", [])]
    assert list(Pin.objects.order_by("pk").values_list("title", "status")) == [
        ("Draft", PinStatus.DRAFT),
        ("Oak", PinStatus.SCHEDULED),
    ]
    assert response.json()["results"][2]["pin"]["status"] == "scheduled"


def test_what_the_spacing_guard_says_is_in_the_results_and_the_answer_to_an_edit(program, team):
    images = [MediaFileFactory(workspace=team.workspace) for _ in range(2)]
    sale = {"board": team.board.pinterest_id, "link": "https://example.com/sale", "publish_at": "2027-03-01T10:00:00Z"}

    response = batch(program, *({**sale, "attachments": [image.pk]} for image in images))

    created = [each["pin"] for each in response.json()["results"]]
    assert [[warning["code"] for warning in pin["warnings"]] for pin in created] == [[], ["same_link"]]
    path = f"/api/pins/{created[0]['id']}"
    edited = program.patch(path, {"title": "Oak"}, content_type="application/json").json()
    assert [warning["code"] for warning in edited["warnings"]] == ["same_link"]


def test_a_dry_run_creates_nothing(program, team):
    response = batch(program, {"title": "Draft"}, {"board": "404", "publish_at": "queue"}, dry_run=True)

    assert [status for status, _ in results(response)] == ["valid", "refused"]
    assert not Pin.objects.exists()


def test_a_repeated_batch_creates_only_what_is_missing(program):
    batch(program, {"title": "Oak"}, {"title": "x" * 2000}, key="batch-1")

    response = batch(program, {"title": "Oak"}, {"title": "Ash"}, key="batch-1")

    assert results(response) == [("repeated", []), ("created", [])]
    assert Pin.objects.count() == 2


def test_more_than_a_hundred_pins_are_refused(program):
    response = batch(program, *({"title": f"{n}"} for n in range(101)))

    assert response.status_code == 422
    assert not Pin.objects.exists()


def send(program, content, **fields):
    return program.post("/api/imports", {"file": SimpleUploadedFile("plan.csv", content), **fields})


def test_a_file_is_checked_and_followed(program, team):
    team.board.name = "Chairs"
    team.board.save()
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    content = b"Title,Library file,Board\nOak,oak.jpg,Chairs\nAsh,oak.jpg,Cheirs"

    answer = send(program, content).json()

    assert (answer["status"], answer["rows"], answer["ready"], answer["with_problems"]) == ("fetching", 2, 1, 1)
    assert [(each["row"], each["code"]) for each in answer["problems"]] == [(3, "board_unknown")]
    jobs.work_on(answer["id"], timezone.now())
    assert program.get(f"/api/imports/{answer['id']}").json()["status"] == "review"
    assert not Pin.objects.exists()


def test_drafts_are_created_when_they_are_asked_for(program, team):
    team.board.name = "Chairs"
    team.board.save()
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")

    answer = send(program, b"Title,Library file,Board,Date\nOak,oak.jpg,Chairs,2027-03-01", create="drafts").json()
    jobs.work_on(answer["id"], timezone.now())

    assert program.get(f"/api/imports/{answer['id']}").json()["created"] == 1
    assert Pin.objects.get().status == PinStatus.DRAFT


def test_a_file_that_is_no_table_is_refused_with_its_code(program):
    assert errors(send(program, b"%PDF-1.7")) == [("not_a_table", "file")]
    assert errors(program.post("/api/imports", {})) == [("one_file", "file")]
    assert not PinImport.objects.exists()
