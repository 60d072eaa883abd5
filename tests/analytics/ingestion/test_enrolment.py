import pytest
from django.utils import timezone

from accounts.models import AccountStatus
from analytics.ingestion import enrolment
from analytics.models import AccountFeed, PinKind, PinSummary
from tests.factories import (
    AttachmentFactory,
    BoardFactory,
    MediaFileFactory,
    PinFactory,
    PinterestAccountFactory,
    VideoFileFactory,
)

pytestmark = pytest.mark.django_db


def test_connected_accounts_get_a_feed_once():
    account = PinterestAccountFactory()
    PinterestAccountFactory(status=AccountStatus.DISCONNECTED)

    enrolment.enrol_accounts(timezone.now())
    enrolment.enrol_accounts(timezone.now())

    assert AccountFeed.objects.get().account == account


def test_the_kind_of_a_pin_is_told_by_its_files():
    board = BoardFactory()
    image = PinFactory(board=board, status="published")
    carousel = PinFactory(board=board, status="published", attachments=2)
    video = PinFactory(board=board, status="published", attachments=0)
    AttachmentFactory(pin=video, media=VideoFileFactory(workspace=video.workspace), position=0)
    AttachmentFactory(pin=video, media=MediaFileFactory(workspace=video.workspace), position=1)

    enrolment.enrol_pins(timezone.now())

    kinds = dict(PinSummary.objects.values_list("pin", "kind"))
    assert kinds == {image.pk: PinKind.IMAGE, carousel.pk: PinKind.CAROUSEL, video.pk: PinKind.VIDEO}
    summary = PinSummary.objects.get(pin=image)
    assert (summary.workspace, summary.account, summary.board) == (image.workspace, board.account, board)
    assert summary.published_at == image.published_at


def test_following_costs_equally_many_queries_for_one_pin_and_for_three(django_assert_num_queries):
    for count in (1, 3):
        PinFactory.create_batch(count, status="published")
        with django_assert_num_queries(3):
            enrolment.enrol_pins(timezone.now())

    assert PinSummary.objects.count() == 4
