"""Link presets as a default of an import: in the dry run before anything is created, and in the pins."""

from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pins.imports import jobs, link_presets, services
from pins.models import ImportStatus, LinkPreset, Pin, PinImport, PinStatus
from tests.api_client import ApiClient
from tests.factories import BoardFactory, MediaFileFactory, PinFactory, WorkspaceFactory
from tests.page_text import page_text

from .helpers import NOW, codes, imported, messages, table


@pytest.fixture(autouse=True)
def chairs(team):
    MediaFileFactory(workspace=team.workspace, original_name="oak.jpg")
    team.board.name = "Chairs"
    team.board.save()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def standard(team):
    return LinkPreset.objects.create(workspace=team.workspace, name="Standard", campaign="{board}", is_default=True)


def row(**columns):
    named = {key.replace("_", " "): value for key, value in columns.items()}
    fixed = {"Title": "Oak chair", "Library file": "oak.jpg", "Board": "Chairs", "Link": "https://example.com/a"}
    return {**fixed, **named}


def links(pin_import):
    return [plan.composition.link for plan in services.check_again(pin_import, NOW)]


def create(pin_import, by):
    services.begin(pin_import, ImportStatus.CREATING, by=by, now=NOW)
    jobs.work_on(pin_import.pk, timezone.now())


def test_the_default_is_in_the_dry_run_and_then_in_the_pin(team, alice, standard):
    pin_import = imported(team, row(), row(Title="Other", Link="https://example.com/b?utm_source=mail"))

    text = page_text(alice.get(reverse("pins:import_detail", args=[pin_import.pk])))
    shown = links(pin_import)
    create(pin_import, team.alice)

    assert shown == [
        "https://example.com/a?utm_source=pinterest&utm_medium=social&utm_campaign=chairs",
        "https://example.com/b?utm_source=mail&utm_medium=social&utm_campaign=chairs",
    ]
    assert all(link in text for link in shown)
    assert list(Pin.objects.order_by("pk").values_list("link", flat=True)) == shown


def test_the_preset_of_a_board_goes_before_the_default_unless_another_one_is_chosen(team, standard):
    lamps = BoardFactory(account=team.account, name="Lamps")
    own = LinkPreset.objects.create(workspace=team.workspace, name="Own", source="own", medium="")
    own.boards.add(lamps)
    pin_import = imported(team, row(Board="Lamps"))

    assert links(pin_import) == ["https://example.com/a?utm_source=own"]
    pin_import.link_preset = standard
    assert links(pin_import) == ["https://example.com/a?utm_source=pinterest&utm_medium=social&utm_campaign=lamps"]


def test_the_choice_is_made_under_columns_and_defaults(team, alice, standard):
    pin_import = imported(team, row())
    detail = reverse("pins:import_detail", args=[pin_import.pk])
    form = alice.get(detail).context["form"]
    posted = {field.html_name: field.value() or "" for field in [*form.defaults, *form.columns]}
    spring = LinkPreset.objects.create(workspace=team.workspace, name="Spring", source="spring", medium="")

    alice.post(detail, posted | {"preset": "none"})
    none = PinImport.objects.get()
    without = links(none)
    alice.post(detail, posted | {"preset": spring.pk})
    chosen = PinImport.objects.get()

    assert without == ["https://example.com/a"]
    assert chosen.link_preset == spring
    assert links(chosen) == ["https://example.com/a?utm_source=spring"]
    assert alice.get(detail).context["form"]["preset"].value() == str(spring.pk)


def test_a_preset_of_another_workspace_cannot_be_chosen(team, alice, standard):
    foreign = LinkPreset.objects.create(workspace=WorkspaceFactory(), name="Foreign")
    pin_import = imported(team, row())
    detail = reverse("pins:import_detail", args=[pin_import.pk])
    form = alice.get(detail).context["form"]
    posted = {field.html_name: field.value() or "" for field in [*form.defaults, *form.columns]}

    page = alice.post(detail, posted | {"preset": foreign.pk})

    assert page.context["form"].errors["preset"]
    assert PinImport.objects.get().link_preset is None


def test_a_workspace_without_presets_is_not_asked(team, alice):
    pin_import = imported(team, row())

    form = alice.get(reverse("pins:import_detail", args=[pin_import.pk])).context["form"]

    assert "preset" not in form.fields
    assert links(pin_import) == ["https://example.com/a"]


def test_a_link_that_gets_too_long_is_a_problem_of_its_row(team, standard):
    pin_import = imported(team, row(Link="https://example.com/".ljust(2040, "x")))

    assert codes(pin_import) == {2: ["link_too_long"]}
    assert "Pinterest allows 2,048" in messages(pin_import, 2)[0]


def test_a_link_that_is_too_long_without_parameters_is_told_once(team, standard):
    pin_import = imported(team, row(Link="https://example.com/".ljust(2049, "x")))

    assert len(messages(pin_import, 2)) == 1
    assert links(pin_import) == ["https://example.com/".ljust(2049, "x")]


def test_a_row_that_changes_a_pin_keeps_its_link(team, standard):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Before", link="https://example.com/a")
    pin_import = imported(team, table({"Pin id": str(pin.pk), "Title": "After", "Link": "https://example.com/a"}))

    create(pin_import, team.alice)

    pin.refresh_from_db()
    assert (pin.title, pin.link) == ("After", "https://example.com/a")


def test_the_number_of_the_pin_is_added_when_it_is_created(team, alice):
    LinkPreset.objects.create(
        workspace=team.workspace, name="Numbered", medium="", campaign="{tag}", content="{board}-{pin}", is_default=True
    )
    pin_import = imported(team, row(Publish_date="2027-03-01T10:00:00", Tags="Spring sale"))
    text = page_text(alice.get(reverse("pins:import_detail", args=[pin_import.pk])))

    create(pin_import, team.alice)

    pin = Pin.objects.get()
    assert "The pin's number is added when the pin is created." in text
    expected = f"utm_source=pinterest&utm_campaign=spring-sale&utm_content=chairs-{pin.pk}"
    assert pin.link == f"https://example.com/a?{expected}"
    assert pin.status == PinStatus.SCHEDULED
    assert [event.kind for event in pin.events.order_by("pk")] == ["drafted", "scheduled"]


@pytest.mark.parametrize(
    "hosts, link", [("example.org", "/a"), ("", "/a?utm_source=own&utm_medium=own&utm_content=own")]
)
def test_no_number_is_promised_to_a_link_that_gets_none(team, alice, hosts, link):
    LinkPreset.objects.create(workspace=team.workspace, name="Numbered", content="{pin}", hosts=hosts, is_default=True)
    pin_import = imported(team, row(Link=f"https://example.com{link}"))
    text = page_text(alice.get(reverse("pins:import_detail", args=[pin_import.pk])))

    create(pin_import, team.alice)

    assert "The pin's number is added" not in text
    assert Pin.objects.get().link == f"https://example.com{link}"


def test_pins_with_their_numbers_cost_no_more_queries_for_presets(team):
    LinkPreset.objects.create(workspace=team.workspace, name="Numbered", content="{pin}", is_default=True)
    pin_import = imported(team, *(row(Link=f"https://example.com/{n}") for n in range(5)))

    with CaptureQueriesContext(connection) as queries:
        create(pin_import, team.alice)

    assert Pin.objects.filter(link__contains="utm_content=").count() == 5
    assert sum('FROM "pins_linkpreset"' in query["sql"] for query in queries) == 1


def test_a_number_that_makes_the_link_too_long_leaves_no_pin_behind(team):
    LinkPreset.objects.create(
        workspace=team.workspace, name="Numbered", source="", medium="", content="{pin}", is_default=True
    )
    pin_import = imported(team, row(Link="https://example.com/".ljust(2047, "x")))

    create(pin_import, team.alice)

    assert codes(pin_import) == {2: ["link_too_long"]}
    assert not Pin.objects.exists()


@pytest.fixture
def spring(team):
    return LinkPreset.objects.create(workspace=team.workspace, name="Spring", source="spring", medium="")


def choose(alice, pin_import, choice):
    """Choose a link preset on the page of the import, and return the answer."""
    detail = reverse("pins:import_detail", args=[pin_import.pk])
    form = alice.get(detail).context["form"]
    posted = {field.html_name: field.value() or "" for field in [*form.defaults, *form.columns]}
    return alice.post(detail, posted if choice is None else posted | {"preset": choice})


@pytest.mark.parametrize("others", [True, False])
def test_an_import_asks_again_when_its_preset_was_deleted(team, alice, spring, others):
    if others:
        LinkPreset.objects.create(workspace=team.workspace, name="Standard", is_default=True)
    pin_import = imported(team, row())
    choose(alice, pin_import, str(spring.pk))
    spring.delete()

    page = alice.get(reverse("pins:import_detail", args=[pin_import.pk]))
    refused = alice.post(reverse("pins:import_start", args=[pin_import.pk]), {"action": "create"}, follow=True)
    unchosen = choose(alice, pin_import, None)

    sentence = "The link preset “Spring” was deleted. Choose another one, or “No preset”."
    assert page.context["form"]["preset"].help_text == sentence
    assert '<details class="import-settings" id="import-settings" open>' in page.content.decode()
    assert "Create 1 pin" not in page_text(page)
    assert sentence in [str(message) for message in refused.context["messages"]]
    assert unchosen.context["form"].errors["preset"] == [sentence]
    assert PinImport.objects.get().status == ImportStatus.REVIEW

    choose(alice, pin_import, "none")

    assert "was deleted" not in page_text(alice.get(reverse("pins:import_detail", args=[pin_import.pk])))
    create(PinImport.objects.get(), team.alice)
    assert Pin.objects.get().link == "https://example.com/a"


def test_an_import_that_only_changes_pins_needs_no_preset(team, alice, spring):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Before", link="https://example.com/a")
    pin_import = imported(team, row(Pin_id=str(pin.pk), Title="After", Library_file=""))
    choose(alice, pin_import, str(spring.pk))
    spring.delete()

    text = page_text(alice.get(reverse("pins:import_detail", args=[pin_import.pk])))
    saved = choose(alice, pin_import, None)
    alice.post(reverse("pins:import_start", args=[pin_import.pk]), {"action": "create"})
    jobs.work_on(pin_import.pk, timezone.now())

    assert "was deleted" not in text
    assert "Update 1 pin" in text
    assert saved.status_code == 302
    pin.refresh_from_db()
    assert (pin.title, pin.link) == ("After", "https://example.com/a")


def test_only_new_pins_with_links_need_a_preset(team, alice, spring, standard):
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Before")
    pin_import = imported(team, row(), row(Title="Without", Link=" "), row(Pin_id=str(pin.pk), Title="After"))
    choose(alice, pin_import, str(spring.pk))
    spring.delete()

    def form_with(row_2):
        services.skip(pin_import, 2, NOW, is_skipped=row_2 == "skipped")
        return alice.get(reverse("pins:import_detail", args=[pin_import.pk])).context["form"]

    needed, unneeded, needed_again = map(form_with, ("open", "skipped", "open"))

    sentence = "The link preset “Spring” was deleted. Choose another one, or “No preset”."
    assert [form["preset"].help_text for form in (needed, needed_again)] == [sentence, sentence]
    assert unneeded["preset"].help_text == "For the links of new pins."


def test_rows_with_other_problems_need_no_preset_until_they_are_mended(team, alice, spring):
    """Such as the header again, whose link would be “Link”."""
    pin = PinFactory(board=team.board, status=PinStatus.DRAFT, title="Before")
    rows = [
        row(Pin_id=str(pin.pk), Title="After"),
        {name: name for name in row(Pin_id="")},
        row(Pin_id="", Board="Lost"),
    ]
    pin_import = imported(team, *rows)
    choose(alice, pin_import, str(spring.pk))
    spring.delete()
    detail = reverse("pins:import_detail", args=[pin_import.pk])

    before = page_text(alice.get(detail))
    services.set_cell(PinImport.objects.get(), 4, "board", "Chairs", NOW)
    after = page_text(alice.get(detail))

    assert "was deleted" not in before
    assert "was deleted" in after
    assert codes(pin_import)[4] == ["link_preset_unknown"]


def test_the_rows_are_read_once_for_the_sentence_about_a_deleted_preset(team, alice, spring):
    pin_import = imported(team, row(Link=""))
    choose(alice, pin_import, str(spring.pk))
    spring.delete()

    with CaptureQueriesContext(connection) as queries:
        alice.get(reverse("pins:import_detail", args=[pin_import.pk]))

    assert sum('"pins_pinimportrow"."problems" FROM' in query["sql"] for query in queries) == 1


def test_a_preset_deleted_before_the_job_leaves_the_rows_with_links_open(team, alice, spring):
    pin_import = imported(team, row(), row(Title="Without", Link=""))
    choose(alice, pin_import, str(spring.pk))
    services.begin(pin_import, ImportStatus.CREATING, by=team.alice, now=NOW)
    spring.delete()

    jobs.work_on(pin_import.pk, timezone.now())

    assert [pin.title for pin in Pin.objects.all()] == ["Without"]
    assert codes(pin_import) == {2: ["link_preset_unknown"]}
    assert messages(pin_import, 2)[0].startswith("The link preset “Spring” was deleted.")


def test_a_preset_that_was_renamed_is_called_by_its_new_name(team, alice, spring):
    pin_import = imported(team, row())
    choose(alice, pin_import, str(spring.pk))

    alice.post(reverse("pins:link_preset_edit", args=[spring.pk]), {"name": "Autumn", "source": "autumn"})

    assert PinImport.objects.get().link_preset_name == "Autumn"
    spring.delete()
    assert link_presets.deleted_message(PinImport.objects.get()).startswith("The link preset “Autumn” was deleted.")


def test_an_import_of_the_version_before_asks_again_too(team, spring):
    """It noted the preset without its name."""
    pin_import = imported(team, row())
    PinImport.objects.update(link_preset=spring, uses_default_presets=False)

    import_module("pins.migrations.0043_import_link_preset_name_filled").fill_names(apps, None)
    spring.delete()

    pin_import.refresh_from_db()
    assert link_presets.deleted_message(pin_import).startswith("The link preset “Spring” was deleted.")


def test_a_program_chooses_by_name(team, standard):
    LinkPreset.objects.create(workspace=team.workspace, name="Spring", source="spring", medium="")
    program = ApiClient(team.workspace, team.alice)

    def post(**fields):
        return program.post("/api/imports", {"file": SimpleUploadedFile("plan.csv", table(row())), **fields})

    answers = [post(), post(link_preset="spring"), post(link_preset="none"), post(link_preset="Autumn")]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 422]
    assert answers[3].json()["errors"][0]["code"] == "link_preset_unknown"
    imports = PinImport.objects.order_by("pk")
    assert [links(each)[0].partition("?")[2] for each in imports] == [
        "utm_source=pinterest&utm_medium=social&utm_campaign=chairs",
        "utm_source=spring",
        "",
    ]
