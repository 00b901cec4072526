"""The examples in CONTRIBUTING are the code itself, and as short as it promises."""

from pathlib import Path

from ffapp.notices import class_scheduled
from ffapp.subscriptions import SUBSCRIPTIONS
from ffapp.web.admin.cohorts import list as cohort_list
from ffapp.web.admin.webhooks import declarations as webhooks

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def source_of(module, first="", last=""):
    """A module's text, or the part of it from the line that begins with `first` to `last`."""
    text = Path(module.__file__).read_text()
    begin = text.index(f"\n{first}") + 1 if first else 0
    return text[begin : text.index(f"\n{last}", begin) + 1 if last else None]


def assert_is_an_example(example, lines):
    assert f"```python\n{example}```" in CONTRIBUTING.read_text(), example
    assert len(example.splitlines()) <= lines


def test_a_list_page_costs_sixty_lines():
    assert_is_an_example(source_of(cohort_list, first="PERIODS"), 60)


def test_a_notice_costs_forty_lines():
    assert_is_an_example(source_of(class_scheduled), 40)
    assert [each.__name__ for each in SUBSCRIPTIONS["class_scheduled"]] == ["tell_class_scheduled"]


def test_an_alert_costs_twenty_five_lines():
    query = source_of(webhooks, first="def _unhandled", last="\n\nREFUSED")
    alert = source_of(webhooks, first="UNHANDLED = ", last="ALERTS")
    assert_is_an_example(f"{query}\n\n{alert}", 25)
