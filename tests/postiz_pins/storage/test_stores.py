"""What every storage of ours does; `make test-s3` runs this on a bucket."""

import pytest
from django.core.files.storage import default_storage

from postiz_pins.storage.base import batches


@pytest.fixture
def store():
    return default_storage


def put(store, tmp_path, content, name="7/chair.jpg"):
    path = tmp_path / "upload"
    path.write_bytes(content)
    store.take(path, name, "image/jpeg")
    return name


def test_what_is_taken_is_there(store, tmp_path):
    name = put(store, tmp_path, b"chair")

    assert (store.exists(name), store.size(name)) == (True, 5)
    with store.stream(name) as file:
        assert file.read(3) + file.read() == b"chair"
    with store.stream(name, 2) as file:
        assert file.read() == b"air"
    with store.open(name) as file:
        assert file.read() == b"chair"
    assert store.fetch(name, tmp_path).read_bytes() == b"chair"


def test_what_is_not_there_is_a_file_not_found(store, tmp_path):
    assert not store.exists("7/none.jpg")
    for read in (store.size, store.stream, lambda name: store.fetch(name, tmp_path)):
        with pytest.raises(FileNotFoundError):
            read("7/none.jpg")


def test_files_are_listed_by_folder_and_deleted_together(store, tmp_path):
    names = [put(store, tmp_path, b"x" * size, f"{folder}/{size}.jpg") for folder in (7, 77) for size in (1, 2)]

    assert {(each.name, each.size_bytes) for each in store.listed("7")} == {("7/1.jpg", 1), ("7/2.jpg", 2)}
    assert {each.name for each in store.listed()} == set(names)
    store.delete_many([*names[:3], "7/none.jpg"])
    assert [each.name for each in store.listed()] == names[3:]
    store.delete(names[3])
    store.delete(names[3])
    assert list(store.listed()) == []


def test_names_come_in_batches_of_what_one_request_deletes():
    assert [len(batch) for batch in batches(str(number) for number in range(2001))] == [1000, 1000, 1]
