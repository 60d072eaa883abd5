"""Files for spreadsheets."""

from datetime import date

import pytest

from postiz_pins.common.csv_files import csv_response


def test_missing_values_are_empty_dates_are_iso_and_text_is_utf_8():
    response = csv_response("shop/1 pins", ["Day", "Saves", "Title"], [[date(2026, 11, 3), None, "Tisch, schön"]])

    assert response.getvalue().decode("utf-8-sig") == 'Day,Saves,Title\r\n2026-11-03,,"Tisch, schön"\r\n'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="shop-1-pins.csv"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded(start):
    response = csv_response("x", ["Title"], [[f"{start}1+1"]])

    assert f"'{start}1+1" in response.getvalue().decode("utf-8-sig")


def test_a_negative_number_stays_a_number():
    assert csv_response("x", ["Change"], [[-5]]).getvalue().decode("utf-8-sig") == "Change\r\n-5\r\n"


def test_a_spreadsheet_is_told_that_the_text_is_utf_8():
    assert csv_response("x", ["Title"], [["schön"]]).getvalue() == "\ufeffTitle\r\nschön\r\n".encode()
