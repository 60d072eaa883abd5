"""Forms of imports: the file, its columns and defaults, and single rows."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Board, PinterestAccount
from accounts.workspaces.forms import TimeZoneField
from pins.models import Destination, EmptyDate, PinImport
from pins.presets.choices import PRESET_UNKNOWN, LinkPresets

from . import link_presets, values
from .columns import BY_KEY, COLUMNS
from .reading import files
from .reading.sheet import MOST_BYTES, MOST_CHARACTERS, MOST_ROWS, FileRefused, Sheet

IGNORED = "Ignore"
SAMPLE_CHARACTERS = 60
DATE_ORDERS = (
    ("", "Ask me"),
    (values.DAY_FIRST, "Day first: 3/4/2027 is 3 April"),
    (values.MONTH_FIRST, "Month first: 3/4/2027 is 4 March"),
)


# What holds for the whole file.
DEFAULTS = ("account", "board", "destination", "empty_date", "time_zone", "date_order", "appends_keywords")


class UploadForm(forms.Form):
    """A file, or rows pasted from a spreadsheet."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="File",
        help_text=f"CSV, TSV or XLSX, up to {MOST_BYTES // 1024**2} MB and {MOST_ROWS:,} rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste rows from a spreadsheet",
        help_text="Include the row with the names of the columns.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        upload, text = cleaned.get("file"), cleaned.get("text", "")
        if not upload and not text.strip():
            if not self.errors:
                raise ValidationError("Choose a file, or paste rows.", code="file_required")
            return cleaned
        field = "file" if upload else "text"
        try:
            if upload and upload.size > MOST_BYTES:
                raise files.too_large(upload.size)
            content = upload.read() if upload else text.encode()
            cleaned["sheet"] = files.read_file(content) if upload else files.read_text(text)
            cleaned["content"], cleaned["name"] = content, upload.name if upload else ""
        except FileRefused as refused:
            self.add_error(field, ValidationError(refused.message, code=refused.code))
        return cleaned

    @property
    def sheet(self) -> Sheet:
        """Return the rows of a valid form."""
        sheet: Sheet = self.cleaned_data["sheet"]
        return sheet


class SettingsForm(forms.ModelForm):
    """What the columns of a file are, and what its rows do not say."""

    time_zone = TimeZoneField()
    date_order = forms.ChoiceField(choices=DATE_ORDERS, required=False, label="Dates such as 3/4/2027")
    preset = forms.ChoiceField(required=False, label="Link preset", help_text="For the links of new pins.")

    class Meta:
        model = PinImport
        fields = DEFAULTS
        labels = {
            "account": "Account",
            "board": "Board",
            "destination": "Pins become",
            "empty_date": "Rows without a date",
            "appends_keywords": "Add keywords to descriptions that have room",
        }
        help_texts = {
            "account": "For rows that name none.",
            "board": "For rows that name none.",
            "appends_keywords": "Pinterest has no field for keywords. They are kept with the pin here.",
        }

    def __init__(self, data: Any = None, *, pin_import: PinImport, can_publish: bool) -> None:
        super().__init__(data, instance=pin_import)
        accounts = PinterestAccount.objects.in_workspace(pin_import.workspace).active()
        boards = Board.objects.in_workspace(pin_import.workspace).offered().select_related("account")
        self._choose_from("account", accounts.order_by("username", "pk"), "Any account")
        self._choose_from("board", boards, "None")
        self._presets = LinkPresets(pin_import.workspace)
        self.deleted_preset = link_presets.deleted_message(pin_import)
        if self._presets.all or self.deleted_preset:
            preset = cast(forms.ChoiceField, self.fields["preset"])
            self.initial["preset"] = link_presets.choice_of(pin_import)
            preset.choices = link_presets.choices_for(self._presets, pin_import)
            preset.help_text = self.deleted_preset or preset.help_text
        else:
            del self.fields["preset"]
        self.fields["time_zone"].help_text = "For times that name none. Pinterest's own files are in UTC."
        if not can_publish:
            choices = [(value, label) for value, label in Destination.choices if value != Destination.PROPOSE]
            choices = [
                (value, "Proposed for their dates" if value == Destination.SCHEDULE else label)
                for value, label in choices
            ]
            cast(forms.ChoiceField, self.fields["destination"]).choices = choices
        cast(forms.ChoiceField, self.fields["empty_date"]).choices = EmptyDate.choices
        keys = [("", IGNORED), *((column.key, column.name) for column in COLUMNS)]
        for index, name in enumerate(pin_import.header):
            self.fields[self._name(index)] = forms.ChoiceField(
                choices=keys, required=False, label=name or f"Column {index + 1}", initial=pin_import.mapping[index]
            )

    def _choose_from(self, name: str, rows: QuerySet[Any], empty_label: str) -> None:
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset, field.empty_label = rows, empty_label

    @staticmethod
    def _name(index: int) -> str:
        return f"column-{index}"

    @property
    def columns(self) -> list[Any]:
        """Return the fields of the columns, in the order of the file."""
        return [self[self._name(index)] for index in range(len(self.instance.header))]

    @property
    def defaults(self) -> list[Any]:
        """Return the fields of what holds for the whole file."""
        return [self[name] for name in (*DEFAULTS, "preset") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen: dict[str, int] = {}
        for index in range(len(self.instance.header)):
            key = cleaned.get(self._name(index), "")
            if key and seen.setdefault(key, index) != index:
                message = f"“{BY_KEY[key].name}” is chosen for two columns. Choose “{IGNORED}” for one of them."
                self.add_error(self._name(index), ValidationError(message, code="column_twice"))
        account, board = cleaned.get("account"), cleaned.get("board")
        if account and board and board.account_id != account.pk:
            self.add_error("board", ValidationError(f"“{board}” is a board of {board.account}.", code="board_other"))
        if cleaned.get("preset") == link_presets.DELETED:
            if self.deleted_preset:
                self.add_error("preset", ValidationError(self.deleted_preset, code=PRESET_UNKNOWN))
        elif "preset" in cleaned:
            link_presets.choose(self.instance, self._presets, cleaned["preset"])
        return cleaned

    @property
    def mapping(self) -> list[str]:
        """Return the chosen keys of the columns."""
        return [self.cleaned_data[self._name(index)] for index in range(len(self.instance.header))]


class CellForm(forms.Form):
    """One cell of a row, by the key of its column."""

    key = forms.ChoiceField(choices=[(column.key, column.name) for column in COLUMNS])
    value = forms.CharField(required=False, strip=False, max_length=MOST_CHARACTERS)


class RowForm(forms.Form):
    """All cells of a row that are understood."""

    LONG = ("description", "alt_text")

    def __init__(self, *args: Any, pin_import: PinImport, texts: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in dict.fromkeys([*filter(None, pin_import.mapping), "board", "title", "media_url"]):
            widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"}) if key in self.LONG else forms.TextInput
            self.fields[key] = forms.CharField(
                required=False,
                strip=False,
                max_length=MOST_CHARACTERS,
                label=BY_KEY[key].name,
                initial=texts.get(key, ""),
                widget=widget if key in self.LONG else forms.TextInput(attrs={"dir": "auto"}),
            )
