"""Which link preset a pin gets."""

import traceback

import pytest
from django.core.exceptions import ValidationError

from pins.presets.choices import LinkPresets

pytestmark = pytest.mark.django_db


def test_a_deleted_preset_leaves_nothing_behind_however_often_it_is_asked_for(team):
    """Python adds each raise of one exception to its traceback, which keeps every row and request that was at hand."""
    presets, lengths = LinkPresets(team.workspace), []

    for _ in range(2):
        with pytest.raises(ValidationError) as raised:
            presets.chosen("7", None)
        lengths.append(len(traceback.extract_tb(raised.value.__traceback__)))

    assert lengths[0] == lengths[1]
