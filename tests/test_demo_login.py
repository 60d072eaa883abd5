import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from postiz_pins.management.commands import run

pytestmark = pytest.mark.django_db


def test_the_demo_login_is_shut_out_of_a_real_installation():
    run.create_demo_login()

    run.retire_demo_login()

    assert not User.objects.get(email=run.DEMO_EMAIL).is_active


def test_a_demo_login_that_somebody_made_their_own_stays():
    run.create_demo_login()
    user = User.objects.get(email=run.DEMO_EMAIL)
    user.set_password("a password of my own")
    user.save()

    run.retire_demo_login()

    assert User.objects.get(email=run.DEMO_EMAIL).is_active


def test_the_sandbox_and_its_login_stay_on_this_machine(settings):
    settings.PUBLIC_URL = "https://pins.example.com"

    with pytest.raises(CommandError, match="PINTEREST_APP_ID is not set"):
        call_command("run")
    assert not User.objects.exists()
