"""Files become tables of texts, or are refused with a sentence."""

import io
import zipfile

import pytest

from pins.imports import columns
from pins.imports.reading.files import FileRefused, read_file
from tests.media_bytes import picture_bytes

from .workbooks import xlsx_bytes

HEADER = "Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords"
ROW = "Oak chair,https://example.com/chair.jpg,Chairs,,A chair,https://example.com/chair,2027-03-01,oak"


def rows(content):
    return [row.cells for row in read_file(content).rows]


def refusal(content):
    with pytest.raises(FileRefused) as caught:
        read_file(content)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\r\n{ROW}\r\n".encode(),
        f"\ufeff{HEADER}\n{ROW}".encode(),
        f"{HEADER}\r{ROW}\r".encode(),
        f"\ufeff{HEADER}\n{ROW}".encode("utf-16-le"),
        f"\ufeff{HEADER}\n{ROW}".encode("utf-16-be"),
        f"{HEADER}\n{ROW}".encode("utf-16-le"),
        f"sep=;\r\n{HEADER.replace(',', ';')}\r\n{ROW.replace(',', ';')}".encode(),
        f"{HEADER}\n{ROW}".replace(",", ";").encode(),
        f"{HEADER}\n{ROW}".replace(",", "\t").encode(),
        f"{HEADER}\n{ROW}".replace(",", "|").encode(),
        f"\n\n{HEADER}\n,,,,,,,\n{ROW}\n\n".encode(),
        xlsx_bytes(HEADER.split(","), ROW.split(",")),
    ],
    ids=[
        "crlf",
        "bom",
        "cr",
        "utf16le",
        "utf16be",
        "utf16-no-bom",
        "sep",
        "semicolon",
        "tab",
        "pipe",
        "empty-lines",
        "xlsx",
    ],
)
def test_a_file_is_read_whatever_its_program_and_region(content):
    assert rows(content) == [HEADER.split(","), ROW.split(",")]


def test_a_delimiter_within_texts_does_not_win_over_the_headers():
    lines = ["Title;Description;Board", *["Oak, ash, elm, lime;Red, green, blue;Chairs"] * 200]

    assert rows("\n".join(lines).encode())[1] == ["Oak, ash, elm, lime", "Red, green, blue", "Chairs"]


def test_windows_1252_is_read_and_said():
    sheet = read_file("Title,Board\nCafé €,Möbel".encode("cp1252"))

    assert sheet.rows[1].cells == ["Café €", "Möbel"]
    assert "Windows-1252" in sheet.notes[0]


def test_rows_have_the_numbers_of_their_first_lines():
    sheet = read_file(b'Title,Board\n"Oak\nchair",Chairs\n\nAsh,Chairs')

    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(1, "Title"), (2, "Oak\nchair"), (5, "Ash")]


def test_a_formula_is_a_text():
    assert rows(b'Title,Board\n"=HYPERLINK(""x"")",Chairs')[1] == ['=HYPERLINK("x")', "Chairs"]


def test_numbers_and_dates_of_a_workbook_are_what_would_be_typed():
    assert rows(xlsx_bytes(["Title", "External id", "Link"], ["Oak", 42.0, 1.5]))[1] == ["Oak", "42", "1.5"]


def test_an_unclosed_quote_is_reported_with_its_line():
    text = "\n".join(["Title,Board", *["Oak,Chairs"] * 10, '"Ash,Chairs', *["Elm,Chairs"] * 30])

    assert refusal(text.encode()).code == "quote_unclosed"
    assert "line 12 " in refusal(text.encode()).message
    assert "line 2 " in refusal(b'Title,Board\n"Ash,Chairs\n"Elm",Chairs').message


def many(count):
    return "\n".join(["Title,Board", *["Oak,Chairs"] * count]).encode()


def bomb():
    file = io.BytesIO(xlsx_bytes(["Title"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/media/zeros.bin", bytes(80 * 1024**2))
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED = {
    "empty": (b"", "file_empty"),
    "blank": (b"\xef\xbb\xbf\r\n\r\n ,,\r\n", "file_empty"),
    "empty workbook": (xlsx_bytes(), "file_empty"),
    "picture": (picture_bytes(), "not_a_table"),
    "pdf": (b"%PDF-1.7 and so on", "not_a_table"),
    "zip": (b"PK\x03\x04 whatever", "workbook_unreadable"),
    "xls": (OLE, "workbook_old"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted"),
    "xlsm": (xlsx_bytes(["Title"], more={"xl/vbaProject.bin": b"macro"}), "workbook_macros"),
    "50 MB": (b"a," * 25 * 1024**2, "file_too_large"),
    "cell of 1 MB": (b"Title,Board\n" + b"a" * 1024**2 + b",Chairs", "cell_too_long"),
    "NUL": (b"Title,Board\nOak\0,Chairs", "nul_character"),
    "wide": (b"Title" + b",a" * 200, "too_many_columns"),
    "merged": (
        xlsx_bytes(["Title", "a"], ["Oak", "b"], after='<mergeCells count="1"><mergeCell ref="A2:B2"/></mergeCells>'),
        "merged_cells",
    ),
    "bomb": (bomb(), "workbook_too_large"),
    "far cell": (
        xlsx_bytes(sheet='<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        "workbook_too_large",
    ),
    "no XML": (xlsx_bytes(sheet="<sheetData><row"), "workbook_unreadable"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_with_a_sentence(content, code):
    assert refusal(content).code == code


def test_two_thousand_rows_are_read_and_one_more_is_counted():
    assert len(rows(many(2000))) == 2001
    assert refusal(many(2001)).code == "too_many_rows"
    assert "2,001 rows" in refusal(many(2001)).message


def test_columns_are_known_by_their_usual_names():
    header = ["PIN_TITLE", "image url", "Board Name", "Publish-Date", "Alt", "colour", "Media URL 2", "SKU", "Price"]

    assert columns.mapping_of(header) == [
        *("title", "media_url", "board", "publish_at", "alt_text", "color", "media_url_2", "external_id", "")
    ]


def test_a_columns_own_name_counts_before_another_one():
    assert columns.mapping_of(["URL", "Link", "Image", "Photo"]) == ["", "link", "media_url", ""]


def test_a_header_twice_is_refused():
    with pytest.raises(FileRefused, match=r"“title” is there twice \(1 and 3\)"):
        columns.mapping_of(["Title", "Board", "title"])


def test_pinterests_own_header_is_told_from_others():
    assert columns.is_pinterests(HEADER.split(","))
    assert not columns.is_pinterests([*HEADER.split(","), "Alt text"])
    assert columns.is_header(HEADER.split(","))
    assert not columns.is_header(ROW.split(","))
    assert columns.pinterests_order(9)[-2:] == ["keywords", ""]
