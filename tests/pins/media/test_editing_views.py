import pytest
from django.urls import reverse

from tests.factories import MediaFileFactory, PlayableVideoFactory, VideoFileFactory
from tests.media_bytes import picture_bytes
from tests.page_text import said

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def address(name, media):
    return reverse(f"pins:media_{name}", args=[media.pk])


def image(team, width, height, **columns):
    content = picture_bytes(width, height)
    return MediaFileFactory(workspace=team.workspace, content=content, width=width, height=height, **columns)


def test_the_frame_stands_in_the_middle_and_can_be_moved_without_a_script(team, alice):
    media = image(team, 3000, 1200)

    page = alice.get(address("crop", media)).content.decode()

    assert 'viewBox="0 0 3000 1200"' in page
    assert 'class="media-crop__frame" x="1100" y="0" width="800" height="1200"' in page
    assert '<input type="range" name="position"' in page
    assert "will look blurry" in page


def test_a_large_picture_of_the_right_shape_is_only_scaled(team, alice):
    page = alice.get(address("crop", image(team, 2000, 3000))).content.decode()

    assert 'type="range"' not in page
    assert '<input type="hidden" name="position" value="50">' in page
    assert "will look blurry" not in page


def test_a_crop_leads_to_the_page_of_the_new_image(team, alice):
    media = image(team, 600, 200, original_name="oak.jpg")

    response = alice.post(address("crop", media), {"position": "12.5"})

    cropped = media.derived.get()
    assert response["Location"] == address("detail", cropped)
    assert said(response) == [("success", "New image saved. “oak.jpg” is still in your library.")]
    assert (cropped.width, cropped.height) == (1000, 1500)


def test_the_composer_learns_which_file_the_crop_is(team, alice):
    media = image(team, 600, 200)

    response = alice.post(address("crop", media), {"position": "50"}, headers=SCRIPT)

    cropped = media.derived.get()
    assert response.json() == {"id": cropped.pk, "name": str(cropped), "notice": "", "was_there": False}


@pytest.mark.parametrize("position", ["", "left", "-1", "101", "nan", "inf"])
def test_a_position_outside_of_the_picture_is_refused(team, alice, position):
    media = image(team, 600, 200)

    response = alice.post(address("crop", media), {"position": position})
    to_script = alice.post(address("crop", media), {"position": position}, headers=SCRIPT)

    assert response["Location"] == address("crop", media)
    assert [level for level, _ in said(response)] == ["error"]
    assert (to_script.status_code, to_script["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert not media.derived.exists()


@pytest.mark.parametrize("name", ["crop", "frames"])
def test_only_images_are_cropped_and_only_videos_have_frames(team, alice, name):
    other = VideoFileFactory if name == "crop" else MediaFileFactory
    media = other(workspace=team.workspace)

    assert alice.get(address(name, media)).status_code == 404
    assert alice.post(address(name, media)).status_code == 404


@pytest.mark.parametrize(("name", "data"), [("crop", {"position": "50"}), ("frames", {"at_seconds": "1"})])
def test_a_file_that_is_gone_is_said_and_no_error(team, alice, name, data):
    factory = PlayableVideoFactory if name == "frames" else MediaFileFactory
    media = factory(workspace=team.workspace, original_name="oak")
    media.file.storage.delete(media.file.name)

    response = alice.post(address(name, media), data)
    to_script = alice.post(address(name, media), data, headers=SCRIPT)

    assert said(response)[0] == ("error", "“oak” is no longer on the server. Upload it again.")
    assert to_script.status_code == 400
    assert to_script.content.decode() == "“oak” is no longer on the server. Upload it again."


def test_frames_of_a_video_are_offered_as_pictures_with_their_moments(team, alice):
    video = PlayableVideoFactory(workspace=team.workspace)

    page = alice.get(address("frames", video)).content.decode()
    fragment = alice.get(address("frames", video), headers=SCRIPT)

    for content in (page, fragment.content.decode()):
        assert content.count('name="at_seconds"') == 8
        assert content.count('src="data:image/jpeg;base64,') == 8
    assert "<html" in page
    assert "<html" not in fragment.content.decode()
    assert "X-Requested-With" in fragment["Vary"]


def test_a_frame_becomes_a_cover_image(team, alice):
    video = PlayableVideoFactory(workspace=team.workspace, original_name="oak.mp4")

    response = alice.post(address("frames", video), {"at_seconds": "1.5"})
    to_script = alice.post(address("frames", video), {"at_seconds": "1.5"}, headers=SCRIPT)

    cover = video.derived.get()  # the same frame twice is one file
    assert response["Location"] == address("detail", cover)
    assert (cover.width, cover.height, cover.original_name) == (120, 180, "oak, frame at 1.5 s.jpg")
    assert to_script.json()["id"] == cover.pk


@pytest.mark.parametrize("at_seconds", ["", "soon", "-1", "99999", "nan"])
def test_a_moment_that_is_none_is_refused(team, alice, at_seconds):
    video = PlayableVideoFactory(workspace=team.workspace)

    response = alice.post(address("frames", video), {"at_seconds": at_seconds}, headers=SCRIPT)

    assert (response.status_code, response.content) == (400, b"Choose one of the frames.")
    assert not video.derived.exists()


def test_a_video_that_cannot_be_read_offers_no_frames(team, alice):
    video = VideoFileFactory(workspace=team.workspace, original_name="oak.mp4")

    response = alice.get(address("frames", video), headers=SCRIPT)

    assert response.status_code == 400
    assert response.content.decode().startswith("“oak.mp4” is damaged or incomplete.")
