"""A template that another one names is there: else the pages that show it fail, and no other."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template

NAMED = re.compile(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.*"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_the_templates_that_it_names_are_there(path):
    for name in NAMED.findall(path.read_text()):
        get_template(name)
