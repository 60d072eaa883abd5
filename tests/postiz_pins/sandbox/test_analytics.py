from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

ACCOUNT = "/user_account/analytics"
PIN_METRICS = "IMPRESSION,PIN_CLICK,OUTBOUND_CLICK,SAVE,TOTAL_COMMENTS,TOTAL_REACTIONS"


def days_ago(days):
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def span(start=30, end=0, **query):
    return {"start_date": days_ago(start), "end_date": days_ago(end), **query}


@pytest.fixture
def pin(sandbox, board_id):
    return sandbox.create_pin(board_id, title="Old", days_ago=200)


def test_newest_two_days_have_a_status_and_no_metrics(sandbox, token):
    days = sandbox.api("GET", ACCOUNT, token, params=span(9)).json()["all"]["daily_metrics"]

    assert [day["date"] for day in days] == [days_ago(age) for age in range(9, -1, -1)]
    assert [day["data_status"] for day in days] == ["READY"] * 7 + ["ESTIMATE"] + ["PROCESSING"] * 2
    assert [day["metrics"] for day in days[-2:]] == [{}, {}]
    assert days[-3]["metrics"]["IMPRESSION"] > 0
    assert set(days[0]["metrics"]) == {
        "ENGAGEMENT",
        "ENGAGEMENT_RATE",
        "IMPRESSION",
        "OUTBOUND_CLICK",
        "OUTBOUND_CLICK_RATE",
        "PIN_CLICK",
        "PIN_CLICK_RATE",
        "SAVE",
        "SAVE_RATE",
    }


def test_summary_adds_up_the_days_and_rates_are_fractions(sandbox, token):
    answer = sandbox.api("GET", ACCOUNT, token, params=span()).json()["all"]
    summary = answer["summary_metrics"]

    ready = [day["metrics"] for day in answer["daily_metrics"] if day["metrics"]]
    assert summary["IMPRESSION"] == sum(day["IMPRESSION"] for day in ready)
    assert summary["PIN_CLICK_RATE"] == pytest.approx(summary["PIN_CLICK"] / summary["IMPRESSION"])
    assert 0 < summary["SAVE_RATE"] < 1


def test_numbers_are_the_same_each_time_and_different_for_each_account(sandbox, token):
    first, again = (sandbox.api("GET", ACCOUNT, token, params=span()).json() for _ in range(2))
    other = sandbox.api("GET", ACCOUNT, sandbox.token("tidal.ceramics"), params=span()).json()

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "query",
    [
        span(91),
        span(90, -1),
        span(1, 2),
        {"start_date": "2026"},
        span(metric_types="LIKES"),
        span(split_field="SOURCE"),
    ],
)
def test_wrong_request_is_refused(sandbox, token, pin, query):
    for path in (ACCOUNT, f"/pins/{pin['id']}/analytics"):
        answer = sandbox.api("GET", path, token, params={"metric_types": "SAVE", **query})
        assert answer.status_code == 400


def test_ninety_days_back_are_allowed(sandbox, token):
    assert len(sandbox.api("GET", ACCOUNT, token, params=span(90)).json()["all"]["daily_metrics"]) == 91


def test_lifetime_metrics_of_pin_analytics_are_comments_and_reactions_only(sandbox, token, pin):
    answer = sandbox.api("GET", f"/pins/{pin['id']}/analytics", token, params=span(metric_types=PIN_METRICS)).json()

    assert set(answer["all"]["lifetime_metrics"]) == {"TOTAL_COMMENTS", "TOTAL_REACTIONS"}
    assert set(answer["all"]["summary_metrics"]) == {"IMPRESSION", "PIN_CLICK", "OUTBOUND_CLICK", "SAVE"}


def test_lifetime_clicks_and_saves_come_with_the_pin_itself(sandbox, token, pin):
    metrics = sandbox.api("GET", f"/pins/{pin['id']}?pin_metrics=true", token).json()["pin_metrics"]
    listed = sandbox.api("GET", "/pins?pin_metrics=true&page_size=250", token).json()["items"]

    assert {"impression", "pin_click", "clickthrough", "save", "reaction", "comment"} == set(
        metrics["lifetime_metrics"]
    )
    assert metrics["90d"]["impression"] < metrics["lifetime_metrics"]["impression"]
    assert next(item["pin_metrics"] for item in listed if item["id"] == pin["id"]) == metrics


def test_pin_has_no_days_before_it_was_created(sandbox, token, board_id):
    young = sandbox.create_pin(board_id, days_ago=5)

    answer = sandbox.api("GET", f"/pins/{young['id']}/analytics", token, params=span(8, metric_types="SAVE"))

    days = answer.json()["all"]["daily_metrics"]
    assert [day["data_status"] for day in days[:4]] == ["BEFORE_PIN_CREATED"] * 3 + ["READY"]
    assert days[0]["metrics"] == {}


def test_many_pins_at_once_are_refused_until_allowed(sandbox, token, pin):
    query = span(metric_types=PIN_METRICS, pin_ids=pin["id"])

    refused = sandbox.api("GET", "/pins/analytics", token, params=query)
    sandbox.options(multi_pin_analytics=True)
    allowed = sandbox.api("GET", "/pins/analytics", token, params=query)
    single = sandbox.api("GET", f"/pins/{pin['id']}/analytics", token, params=query)

    assert (refused.status_code, refused.json()["code"]) == (403, 29)
    assert allowed.json() == {pin["id"]: single.json()}


def test_ids_of_pins_are_parameters_of_their_own_and_metrics_one_list(sandbox, token, board_id):
    """Pinterest's description: pin_ids has no `explode: false`, metric_types has (docs/pinterest.md)."""
    sandbox.options(multi_pin_analytics=True)
    ids = [sandbox.create_pin(board_id, days_ago=5)["id"] for _ in range(2)]

    def ask(**query):
        return sandbox.api("GET", "/pins/analytics", token, params=span(**query))

    assert set(ask(metric_types="SAVE,PIN_CLICK", pin_ids=ids).json()) == set(ids)
    for query in (
        {"metric_types": "SAVE", "pin_ids": ",".join(ids)},
        {"metric_types": ["SAVE", "PIN_CLICK"], "pin_ids": ids},
        {"metric_types": "SAVE"},
        {"metric_types": "SAVE", "pin_ids": ["1"] * 101},
    ):
        refused = ask(**query)
        assert (refused.status_code, refused.json()["code"]) == (400, 1), query


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (ACCOUNT, span(metric_types=["SAVE", "PIN_CLICK"])),
        ("/boards", {"page_size": ["1", "2"]}),
        ("/pins", {"creative_types": "REGULAR,VIDEO"}),
        ("/pins", {"creative_types": "POSTCARD"}),
    ],
)
def test_a_query_in_another_style_than_described_is_refused(sandbox, token, path, query):
    assert sandbox.api("GET", path, token, params=query).status_code == 400


def test_top_pins_are_sorted_by_the_metric(sandbox, token):
    query = span(sort_by="SAVE", num_of_pins=3)

    answer = sandbox.api("GET", f"{ACCOUNT}/top_pins", token, params=query).json()

    saves = [pin["metrics"]["SAVE"] for pin in answer["pins"]]
    assert len(saves) == 3
    assert saves == sorted(saves, reverse=True)
    assert sandbox.api("GET", f"{ACCOUNT}/top_pins", token, params=span(num_of_pins=3)).status_code == 400


def test_personal_account_is_told_that_it_needs_a_business_account(sandbox):
    token = sandbox.token("mara.keeps.bees")
    pin_id = sandbox.pins(username="mara.keeps.bees")[0]["id"]
    sandbox.options(multi_pin_analytics=True)

    answers = [
        sandbox.api("GET", ACCOUNT, token, params=span()),
        sandbox.api("GET", f"{ACCOUNT}/top_pins", token, params=span(sort_by="SAVE")),
        sandbox.api("GET", f"/pins/{pin_id}/analytics", token, params=span(metric_types="SAVE")),
        sandbox.api("GET", "/pins/analytics", token, params=span(metric_types="SAVE", pin_ids=pin_id)),
    ]
    listed = sandbox.api("GET", "/pins?pin_metrics=true", token).json()["items"]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, 29)] * 4
    assert all("business account" in answer.json()["message"] for answer in answers)
    assert [pin["pin_metrics"] for pin in listed] == [None]


def test_account_is_never_smaller_than_the_sum_of_its_pins(sandbox):
    boards = sandbox.create_account("shop")["boards"]
    token = sandbox.token("shop")
    pin_ids = sandbox.create_pins(boards[0]["id"], 30, days_ago=60)
    sandbox.options(multi_pin_analytics=True)
    query = span(40, 2, metric_types="IMPRESSION,SAVE")

    days = sandbox.api("GET", ACCOUNT, token, params=query).json()["all"]["daily_metrics"]
    pins = sandbox.api("GET", "/pins/analytics", token, params={**query, "pin_ids": pin_ids}).json()

    for place, day in enumerate(days):
        for name in ("IMPRESSION", "SAVE"):
            told = sum(pin["all"]["daily_metrics"][place]["metrics"].get(name, 0) for pin in pins.values())
            assert told <= day["metrics"][name]
            assert told > 0 or name == "SAVE"


def test_many_pins_are_spread_over_the_days(sandbox, token, board_id):
    pin_ids = sandbox.create_pins(board_id, 300, days_ago=100)

    items = sandbox.api("GET", "/pins?pin_metrics=true&page_size=250", token).json()["items"]
    held = [pin for pin in sandbox.pins(board_id=board_id) if pin["id"] in pin_ids]

    assert [pin["id"] for pin in held] == pin_ids
    steps = [later["created_at"] - earlier["created_at"] for earlier, later in pairwise(held)]
    assert steps == pytest.approx([100 * 86_400 / 300] * 299, rel=1e-3)
    assert held[0]["created_at"] < datetime.now(UTC).timestamp() - 99 * 86_400
    assert len(items) == 250
    assert len({pin["items"][0]["picture_id"] for pin in held}) == 1


@pytest.mark.parametrize("count", [0, 100_001, "many", None])
def test_wrong_number_of_pins_is_refused(sandbox, board_id, count):
    with pytest.raises(ValueError, match="count"):
        sandbox.create_pins(board_id, count)


def test_strange_analytics_hold_what_nobody_foresees(sandbox, token):
    plain = sandbox.api("GET", ACCOUNT, token, params=span(9)).json()["all"]["daily_metrics"]
    sandbox.options(strange_analytics=True)

    strange = sandbox.api("GET", ACCOUNT, token, params=span(9)).json()["all"]["daily_metrics"]

    assert [day["date"] for day in strange] == [plain[0]["date"], *(day["date"] for day in plain)]
    assert strange[1]["metrics"] == {**plain[0]["metrics"], "SPARKLE": 3.5}
    assert strange[0]["metrics"]["IMPRESSION"] == 1
    assert strange[-3]["data_status"] == "RECOUNTED"
    assert strange[-3]["metrics"]["SAVE"] > 2**31


def test_malformed_answer_is_json_without_the_described_shape(sandbox, token):
    sandbox.fault("user_account/analytics", "malformed")

    answer = sandbox.api("GET", ACCOUNT, token, params=span())
    again = sandbox.api("GET", ACCOUNT, token, params=span())

    assert (answer.status_code, answer.json()) == (200, {"all": "malformed"})
    assert isinstance(again.json()["all"]["daily_metrics"], list)
