import pytest


def all_pages(sandbox, token, path, **query):
    pages, bookmark = [], None
    while True:
        page = sandbox.api("GET", path, token, params={**query, "bookmark": bookmark}).json()
        pages.append(page["items"])
        bookmark = page["bookmark"]
        if bookmark is None:
            return pages


def test_bookmark_leads_through_more_than_250_boards(sandbox):
    sandbox.create_account("many", boards=600)

    pages = all_pages(sandbox, sandbox.token("many"), "/boards", page_size=250)

    assert [len(page) for page in pages] == [250, 250, 100]
    assert len({board["id"] for page in pages for board in page}) == 600


def test_default_page_has_25_boards(sandbox):
    sandbox.create_account("many", boards=30)

    page = sandbox.api("GET", "/boards", sandbox.token("many")).json()

    assert len(page["items"]) == 25
    assert page["bookmark"]


@pytest.mark.parametrize("query", ["page_size=0", "page_size=251", "page_size=x", "bookmark=zzz", "privacy=PRIVATE"])
def test_wrong_paging_is_refused(sandbox, token, query):
    assert sandbox.api("GET", f"/boards?{query}", token).status_code == 400


def test_secret_board_is_hidden_without_its_scope(sandbox, token):
    seeing = sandbox.token("harbourandpine", scopes=["boards:read", "boards:read_secret"])

    hidden = {board["privacy"] for board in sandbox.api("GET", "/boards", token).json()["items"]}
    [secret] = sandbox.api("GET", "/boards?privacy=SECRET", seeing).json()["items"]

    assert hidden == {"PUBLIC", "PROTECTED"}
    assert sandbox.api("GET", f"/boards/{secret['id']}", token).status_code == 404
    assert sandbox.api("GET", f"/boards/{secret['id']}", seeing).status_code == 200


def test_board_of_someone_else_is_not_found(sandbox, board_id):
    answer = sandbox.api("GET", f"/boards/{board_id}", sandbox.token("tidal.ceramics"))

    assert answer.status_code == 404
    assert answer.json()["message"] == "Board not found."


def test_sections_are_listed_in_pages(sandbox, token):
    board = sandbox.create_board("harbourandpine", "Shelves", sections=["Oak", "Ash", "Pine"])

    pages = all_pages(sandbox, token, f"/boards/{board['id']}/sections", page_size=2)

    assert [[section["name"] for section in page] for page in pages] == [["Oak", "Ash"], ["Pine"]]


def test_created_board_is_listed_and_its_name_is_taken(sandbox, token):
    created = sandbox.api("POST", "/boards", token, json={"name": "New"})
    again = sandbox.api("POST", "/boards", token, json={"name": "New"})

    assert created.status_code == 201
    assert sandbox.api("GET", f"/boards/{created.json()['id']}", token).json()["name"] == "New"
    assert again.status_code == 400


def test_board_can_be_renamed_and_removed_from_outside(sandbox, token, board_id):
    sandbox.change_board(board_id, name="Renamed", privacy="PROTECTED")
    renamed = sandbox.api("GET", f"/boards/{board_id}", token).json()
    sandbox.delete_board(board_id)

    assert (renamed["name"], renamed["privacy"]) == ("Renamed", "PROTECTED")
    assert sandbox.api("GET", f"/boards/{board_id}/pins", token).status_code == 404
