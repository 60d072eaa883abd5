import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from postiz_pins.common import encryption

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_the_ciphertext_hides_the_text_and_differs_each_time():
    first, second = encryption.encrypt("pina_secret"), encryption.encrypt("pina_secret")

    assert "pina_secret" not in first
    assert first != second
    assert encryption.decrypt(first) == encryption.decrypt(second) == "pina_secret"


def test_after_a_rotation_old_texts_still_open_and_new_ones_use_the_first_key(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    written_before = encryption.encrypt("pina_before")

    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    written_after = encryption.encrypt("pina_after")

    assert encryption.decrypt(written_before) == "pina_before"
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert encryption.decrypt(written_after) == "pina_after"


def test_a_text_of_a_key_that_was_dropped_says_which_variable_to_look_at(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    written = encryption.encrypt("pina_secret")

    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="Add the key that encrypted it to TOKEN_ENCRYPTION_KEYS"):
        encryption.decrypt(written)
