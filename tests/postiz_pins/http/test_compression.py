"""Pages and JSON are compressed for browsers that take it; files are not."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import MediaFileFactory

pytestmark = pytest.mark.django_db
GZIP = {"accept-encoding": "gzip, br"}


@pytest.fixture
def alice(team):
    client = Client(headers=GZIP)
    client.force_login(team.alice)
    return client


@pytest.mark.parametrize("name", ["pins:dashboard", "pins:pin_list", "pins:pin_create", "accounts:workspace_settings"])
def test_a_page_arrives_whole_in_a_fraction_of_its_bytes(alice, name):
    response = alice.get(reverse(name))

    page = gzip.decompress(response.content)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert page.endswith(b"</html>\n")
    assert len(response.content) < len(page) / 2


def test_the_length_of_a_page_tells_nothing(alice):
    lengths = {len(alice.get(reverse("pins:pin_create")).content) for _ in range(8)}

    assert len(lengths) > 1


def test_json_is_compressed(alice):
    assert alice.get(reverse("analytics:account_json"))["Content-Encoding"] == "gzip"


def test_a_browser_that_takes_none_gets_the_page_as_it_is(team):
    client = Client()
    client.force_login(team.alice)

    assert "Content-Encoding" not in client.get(reverse("pins:pin_list"))


def test_a_file_is_sent_as_it_is(team):
    file = Client(headers=GZIP).get(MediaFileFactory(workspace=team.workspace).file.url)

    assert "Content-Encoding" not in file
    assert b"".join(file.streaming_content)


def test_a_table_as_a_file_is_sent_as_it_is(alice):
    assert "Content-Encoding" not in alice.get(reverse("analytics:pin_list_csv"))
