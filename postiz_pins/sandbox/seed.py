"""The demo world: three accounts with boards and a few pins, the same after every reset."""

import sqlite3
from dataclasses import dataclass

from postiz_pins.sandbox.api.boards import insert_board
from postiz_pins.sandbox.api.pins import Item, insert_pin

from . import state
from .figures import DAY_SECONDS
from .pictures import gradient, store_picture


@dataclass(frozen=True)
class DemoBoard:
    """A board of the demo, with sections and pins."""

    name: str
    description: str = ""
    privacy: str = "PUBLIC"
    sections: tuple[str, ...] = ()
    pins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo."""

    username: str
    account_type: str
    business_name: str | None
    about: str
    website_url: str
    followers: int
    monthly_views: int
    boards: tuple[DemoBoard, ...]


ACCOUNTS = (
    DemoAccount(
        "harbourandpine",
        "BUSINESS",
        "Harbour & Pine",
        "Home decor made slowly, by the water.",
        "https://harbourandpine.example",
        8_412,
        191_300,
        (
            DemoBoard(
                "Living rooms by the sea",
                "Linen, driftwood and a lot of light.",
                sections=("Sofas", "Lamps", "Rugs"),
                pins=(
                    ("A reading corner with a view", "One chair, one lamp, and nothing that asks for attention."),
                    ("Linen curtains, three ways", "Long, half and double: how each one changes the evening light."),
                    ("Small rooms, big windows", "What to leave out when the view is the best thing in the room."),
                ),
            ),
            DemoBoard(
                "Autumn tables",
                "Setting the table when the evenings get long.",
                sections=("Candles", "Ceramics"),
                pins=(
                    ("Table for six with pine and pears", "Branches from the walk, fruit from the market."),
                    ("Candlelight without the fuss", "Seven tapers, three heights, one tray."),
                ),
            ),
            DemoBoard("Kitchen gardens", "Herbs, raised beds and where to put the bench."),
            DemoBoard("Hallways & entrances", "The first metre of a home."),
            DemoBoard("Colors we mix ourselves", "Paint, limewash and patience."),
            DemoBoard("Gifts under 50", "Wrapped in paper that is worth keeping."),
            DemoBoard("Collaborations 2026", "For partners and the shop's own team.", "PROTECTED"),
            DemoBoard("Spring collection (not yet)", "Coming soon.", "SECRET"),
        ),
    ),
    DemoAccount(
        "mara.keeps.bees",
        "PINNER",
        None,
        "Beekeeper, baker of honey cakes.",
        "",
        236,
        4_120,
        (
            DemoBoard(
                "Honey cakes",
                "Tested on neighbours.",
                pins=(("Rye and honey, two days old", "Better on the second day than on the first."),),
            ),
            DemoBoard("Plants that bees love"),
            DemoBoard("Cabin ideas", "For some day.", "PUBLIC", ("Stoves", "Windows")),
        ),
    ),
    DemoAccount(
        "tidal.ceramics",
        "BUSINESS",
        "Tidal Ceramics",
        "Stoneware from a small studio.",
        "https://tidalceramics.example",
        1_077,
        22_640,
        (
            DemoBoard("Glazes", "Test tiles and happy accidents."),
            DemoBoard("Everyday bowls"),
            DemoBoard("Studio days"),
        ),
    ),
)


def insert_account(db: sqlite3.Connection, account: DemoAccount) -> str:
    """Insert an account and return its id; one of the same name is replaced, with all that it had."""
    account_id = state.stable_id("account", account.username)
    db.execute("DELETE FROM accounts WHERE id = ?", (account_id,))
    created_at = state.now() - 900 * DAY_SECONDS
    db.execute(
        "INSERT INTO accounts (id, username, account_type, business_name, about, website_url, picture_id,"
        " follower_count, monthly_views, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account_id,
            account.username,
            account.account_type,
            account.business_name,
            account.about,
            account.website_url,
            store_picture(db, gradient(account.username, 280, 280)),
            account.followers,
            account.monthly_views,
            created_at,
        ),
    )
    for number, board in enumerate(account.boards):
        insert_demo_board(db, account_id, account, number, board, created_at + number * DAY_SECONDS)
    return account_id


def insert_demo_board(
    db: sqlite3.Connection,
    account_id: str,
    account: DemoAccount,
    number: int,
    board: DemoBoard,
    created_at: float,
) -> None:
    """Insert a board with its sections and pins."""
    board_id = insert_board(
        db,
        account_id,
        board.name,
        board_id=state.stable_id("board", account.username, str(number), board.name),
        description=board.description,
        privacy=board.privacy,
        created_at=created_at,
    )
    add_sections(db, board_id, board.sections)
    row = db.execute("SELECT * FROM boards WHERE id = ?", (board_id,)).fetchone()
    for age, (title, description) in enumerate(board.pins, start=1):
        texts = {
            "title": title,
            "description": description,
            "link": account.website_url or None,
            "alt_text": f"Drawing in soft colours: {title.lower()}",
            "dominant_color": "#D9C7A7",
        }
        insert_pin(
            db,
            row,
            "image",
            [Item(gradient(title, 600, 750 + 75 * (len(title) % 3)))],
            texts=texts,
            created_at=state.now() - (11 * age + number) * DAY_SECONDS,
            pin_id=state.stable_id("pin", board_id, title),
        )


def add_sections(db: sqlite3.Connection, board_id: str, names: tuple[str, ...]) -> None:
    """Insert sections into a board."""
    for name in names:
        db.execute(
            "INSERT INTO sections (id, board_id, name) VALUES (?, ?, ?)",
            (state.stable_id("section", board_id, name), board_id, name),
        )


def fill(db: sqlite3.Connection) -> None:
    """Replace everything by the accounts of the demo."""
    state.clear(db)
    for account in ACCOUNTS:
        insert_account(db, account)
