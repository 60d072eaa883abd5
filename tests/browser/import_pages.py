"""How one comes to the pages of an import."""

from playwright.sync_api import Page, expect

from .page_actions import press
from .world import World


def dry_run(page: Page, world: World) -> None:
    """Rows of every kind: ready, with problems and choices, waiting for media."""
    rows = [
        "Title;Media URL;Pinterest board;Link;Publish date;Alt text",
        "Oak chair;https://example.com/chair.jpg;Chairs;https://example.com/chair;2031-03-01;A chair",
        "Ash table, with a title that is much too long, because it goes on and on until the end of the line, or so;"
        "https://drive.google.com/file/d/1/view;Tabels;example.com;3/4/2031;",
    ]
    page.goto("/pins/import/")
    page.get_by_label("Or paste rows").fill("\n".join(rows))
    press(page, "Check rows")
    expect(page.get_by_text("Row 3", exact=True)).to_be_visible()


def columns_of_import(page: Page, world: World) -> None:
    dry_run(page, world)
    page.get_by_text("Columns and defaults").click()
    expect(page.get_by_label("Pins become")).to_be_visible()


def row_of_import(page: Page, world: World) -> None:
    dry_run(page, world)
    page.get_by_role("link", name="Edit row 3").click()
    expect(page.get_by_role("heading", name="Row 3")).to_be_visible()


def import_to_delete(page: Page, world: World) -> None:
    dry_run(page, world)
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete the import")).to_be_visible()
