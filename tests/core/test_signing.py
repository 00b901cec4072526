"""A key that was replaced still reads what it has signed and encrypted, and signs nothing more."""

import pytest

from ffapp.core import config, signing

OLD, NEW = "an-old-key-for-the-tests", "a-new-key-for-the-tests"


@pytest.fixture
def use(settings):
    return lambda key, *before: config.use(
        settings.changed(secret_key=key, secret_key_fallbacks=before)
    )


def test_what_the_old_key_made_is_read_while_it_is_a_fallback(use):
    use(OLD)
    link, secret = signing.sign("link", "7"), signing.encrypt("a token")

    use(NEW, OLD)
    assert signing.unsign("link", link, 60) == "7"
    assert signing.decrypt(secret) == "a token"

    use(NEW)
    with pytest.raises(signing.BadLink):
        signing.unsign("link", link, 60)
    with pytest.raises(signing.BadLink):
        signing.decrypt(secret)


def test_the_new_key_signs(use):
    use(NEW, OLD)
    link, secret = signing.sign("link", "7"), signing.encrypt("a token")

    use(NEW)
    assert (signing.unsign("link", link, 60), signing.decrypt(secret)) == ("7", "a token")
