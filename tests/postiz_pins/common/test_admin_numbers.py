"""Numbers in addresses of the administration that no row can have: more digits than a column of the database holds."""

import pytest
from django.contrib import admin
from django.db.models import DateField
from django.urls import reverse

from pins.models import Pin, PinStatus
from tests.factories import PinFactory, UserFactory

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
MODELS = list(admin.site._registry)


@pytest.fixture
def root(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def address_of(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filters_of(model_admin):
    """What an address can say to narrow a list: its filters, and the relations that Django allows besides."""
    named = [item[0] if isinstance(item, tuple) else item for item in model_admin.list_filter]
    names = {name for name in named if isinstance(name, str)}
    names |= {field.name for field in model_admin.opts.fields if field.is_relation}
    return [*names, *(f"{name}__id__exact" for name in names), "id", "id__in", "p", "q"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_list_answers_to_any_number_in_its_address(root, model):
    for name in filters_of(admin.site._registry[model]):
        answer = root.get(address_of(model, "changelist"), {name: HUGE}, follow=True)

        assert answer.status_code == 200, name


def test_a_filter_by_a_number_that_no_row_has_finds_nothing(root):
    PinFactory.create_batch(2)

    for name, number in (("workspace", HUGE), ("workspace__id__exact", f"-{HUGE}"), ("id__in", f"{HUGE},{HUGE}")):
        assert list(root.get(address_of(Pin, "changelist"), {name: number}).context["cl"].result_list) == [], name


@pytest.mark.parametrize("year", ["99999999", "9999", "0", "0000", HUGE, "abc", "-1"])
def test_a_year_that_no_calendar_has_is_left_out(root, year):
    lists = [(model, name) for model in MODELS for name in dates_of(admin.site._registry[model])]
    assert lists
    for model, name in lists:
        answer = root.get(address_of(model, "changelist"), {f"{name}__year": year}, follow=True)

        assert answer.status_code == 200, (model, name)


def dates_of(model_admin):
    named = [item[0] if isinstance(item, tuple) else item for item in model_admin.list_filter]
    fields = {field.name: field for field in model_admin.opts.fields}
    return [name for name in named if isinstance(fields.get(name), DateField)]


def test_a_search_for_one_of_pinterests_ids_is_left_as_it_is_typed(root):
    pin = PinFactory(status=PinStatus.PUBLISHED, pinterest_pin_id=HUGE)

    assert list(root.get(address_of(Pin, "changelist"), {"q": HUGE}).context["cl"].result_list) == [pin]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_row_that_no_table_can_hold_is_not_found(root, model):
    for page in ("change", "delete", "history"):
        answer = root.get(address_of(model, page, HUGE), follow=True)

        assert answer.status_code in (200, 403), page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("key", [HUGE, "abc", "1.5", ""])
def test_an_action_on_such_a_row_does_nothing(root, model, key):
    actions = root.get(address_of(model, "changelist")).context["action_form"]
    names = [name for name, _ in actions.fields["action"].choices if name] if actions else []
    for name in names:
        chosen = {"action": name, "_selected_action": [key], "post": "yes"}

        assert root.post(address_of(model, "changelist"), chosen, follow=True).status_code == 200, name


def test_an_action_on_what_is_no_row_says_so(root):
    chosen = {"action": "cancel", "index": "0", "_selected_action": ["abc"]}

    answer = root.post(address_of(Pin, "changelist"), chosen, follow=True)

    assert "Items must be selected in order to perform actions on them." in answer.content.decode()
