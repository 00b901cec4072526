"""Texts that admins wrote before there were plain placeholders: carried over, or kept readable."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ffapp.messaging import compose, markup, rendering
from ffapp.messaging.notice import Wording

PATH = Path(__file__).parents[2] / "migrations" / "versions" / "0014_notice_texts.py"


@pytest.fixture(scope="module")
def convert():
    spec = spec_from_file_location("notice_texts", PATH)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.convert


@pytest.mark.parametrize(
    ("notice", "before", "after"),
    [
        ("class_scheduled", "{{ title }}: {{when}}", "{{ title }}: {{ when }}"),
        ("class_scheduled", "Dear {{ me.first_name }}", "Dear {{ first_name }}"),
        ("class_scheduled", "On {{ when }}{{ me.your_time }}", "On {{ your_when }}"),
        ("class_scheduled", "Now:\n{{ me.when }}", "Now:\n**{{ your_when }}**"),
        (
            "class_scheduled",
            "See\r\n{{ schedule_url }}\r\n\r\nFuture Founders\r\n",
            "See\n[See the schedule]({{ schedule_url }})",
        ),
        (
            "class_cancelled",
            "A\n\n{% if because %}\nWhy: {{ because }}\n{% endif %}\nB",
            "A\n\nWhy: {{ because }}\nB",
        ),
        ("class_cancelled", "{% if because %}Why: {{ because }}{% endif %}", "Why: {{ because }}"),
        ("classes_scheduled", "Hi\n\n{{ lines }}", "Hi\n\n{{ classes }}"),
        ("invitation", "Go:\n{{ me.link }}", "Go:\n[Choose a password]({{ link }})"),
        ("class_moved", r"# 1 **x** [a](b) \*", r"\# 1 \*\*x\*\* \[a](b) \\*"),
    ],
)
def test_what_needs_no_more_than_placeholders_is_carried_over(convert, app, notice, before, after):
    assert convert(before, notice) == after
    assert not [
        said
        for field, said in compose.problems(compose.notice_named(notice), Wording("x", after))
        if "Without" not in said
    ]


def test_what_looked_like_markup_before_reads_as_it_did(convert):
    text = r"# 1 **x** [a](b) [c](https://d.e) \* 2 * 3"

    assert rendering.render_text(markup.parse(convert(text, "class_moved"), {}), {}) == text


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        ("class_cancelled", "{% if because %}Why: {{ because }}{% else %}No reason.{% endif %}"),
        ("class_cancelled", "{% if because %}We are sorry.{% endif %}"),
        ("class_scheduled", "{{ title | upper }}"),
        ("class_scheduled", "{{ because or 'no reason' }}"),
        ("class_scheduled", "{{ recordings_url }}"),
        ("class_scheduled", "{{ me.your_time }}"),
        ("classes_scheduled", "The classes: {{ lines }}"),
        ("class_reminder_15min", "{% if can_join %}Join now.{% endif %}"),
    ],
)
def test_what_says_more_is_not_carried_over(convert, notice, text):
    assert convert(text, notice) is None
