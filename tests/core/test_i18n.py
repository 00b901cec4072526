"""Texts are said in the language in force: outside a request, in any thread, and back again."""

import threading

import pytest

from ffapp.core import i18n
from ffapp.core.i18n import gettext, language, lazy_gettext, ngettext


class Catalogue:
    """A catalogue whose every text can be told apart."""

    def gettext(self, text: str) -> str:
        return f"«{text}»"

    def ngettext(self, one: str, many: str, num: int) -> str:
        return f"«{one if num == 1 else many}»"


@pytest.fixture(autouse=True)
def hindi(monkeypatch):
    real = i18n.catalogue
    catalogue = lambda code: Catalogue() if code == "hi" else real(code)  # noqa: E731
    monkeypatch.setattr(i18n, "catalogue", catalogue)


def test_everything_is_english_until_a_language_is_entered():
    assert i18n.current_language() == "en"
    assert gettext("Hello %(name)s", name="Asha") == "Hello Asha"
    assert ngettext("%(num)s class", "%(num)s classes", 2) == "2 classes"


def test_languages_nest_and_end_with_their_block():
    with language("hi"):
        assert gettext("Save") == "«Save»"
        with language(None):
            assert gettext("Save") == "Save"
        assert ngettext("%(num)s class", "%(num)s classes", 1) == "«1 class»"
    assert gettext("Save") == "Save"


def test_a_language_that_we_lack_is_english():
    with language("xx"):
        assert i18n.current_language() == "en"


def test_a_lazy_text_is_translated_when_it_is_read():
    label = lazy_gettext("Password")
    with language("hi"):
        assert str(label) == "«Password»"
    assert str(label) == "Password"


def test_another_thread_speaks_its_own_language():
    heard = []
    with language("hi"):
        thread = threading.Thread(target=lambda: heard.append(i18n.current_language()))
        thread.start()
        thread.join()
    assert heard == ["en"]


def test_values_are_escaped_in_a_text_with_markup(app):
    template = app.jinja_env.from_string('{{ _("<b>%(name)s</b>", name=name) }}')
    assert template.render(name="<i>") == "<b>&lt;i&gt;</b>"
