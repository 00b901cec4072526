"""What an admin may write into a mail, and what is said about the rest."""

import pytest

from ffapp.messaging import wording

KNOWN = {"title", "when", "because", "minutes", "lines", "me.first_name", "me.link"}


def wrong(body, subject="About {{ title }}", needed=()):
    return [problem.message for problem in wording.problems(subject, body, KNOWN, needed)]


@pytest.mark.parametrize(
    "body",
    [
        "Hello {{ me.first_name }},\n\n{{ title }} is on {{ when }}.",
        "{% if because %}Why: {{ because }}{% else %}No reason.{% endif %} आशा 🎓",
        "{{ title | upper }} {{ because or 'no reason' }}",
        "{% if minutes == 60 %}{{ me.first_name }}{% endif %} {% if minutes != 9 %}!{% endif %}",
        "{{ because | default('no reason') }} {{ because | d('none', true) }}",
        "50 % of { this } is } just text {",
    ],
)
def test_variables_and_conditions_are_welcome(body):
    assert wrong(body) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Write something here."),
        ("   \n", "Write something here."),
        ("x" * 10_001, "longer than 10,000 characters"),
        ("Hello {{ tittle }}", "Line 1: {{ tittle }} is not known in this message. Did you mean"),
        ("\n\n{{ me.fist_name }}", "Line 3: {{ me.fist_name }} is not known"),
        ("{{ me.first_name", "Line 1 cannot be read: something that was opened"),
        ("{% if because %}x", "is not closed."),
        ("{% endif %}", "closes what was not opened."),
        ("{{ title when }}", "between {{ and }} stands one variable"),
        ("{% for a in b %}{% endfor %}", "Line 1 uses more than a text may"),
        ("{{ title.__class__ }}", "Line 1: {{ title.__class__ }} is not known"),
        ("{{ title() }}", "uses more than a text may"),
        ("{{ title | tojson }}", "there is no “tojson” to use behind a |."),
        ("{% include 'x' %}", "uses more than a text may"),
        ("Hello {{ me.first_name | upper }}", "Line 1: {{ me.first_name }} stands alone, without"),
        ("\n{{ (title or me.first_name) | title }}", "Line 2: {{ me.first_name }} stands alone"),
        ("{% if me.first_name == 'Asha' %}Hi{% endif %}", "{{ me.first_name }} stands alone"),
        ("{% if me.first_name %}Hi{% endif %}", "Line 1: {{ me.first_name }} stands alone"),
        ("\n{% if not me.link %}Hi{% endif %}", "Line 2: {{ me.link }} stands alone"),
        ("{% if title and me.link %}Hi{% endif %}", "{{ me.link }} stands alone"),
        ("{{ me.first_name or 'you' }}", "{{ me.first_name }} stands alone"),
        ('{% if minutes > "60" %}long{% endif %}', "Line 1: only == and != can compare"),
        ('{% if "a" in minutes %}long{% endif %}', "Line 1: only == and != can compare"),
        ("{{ title | trim(1) }}", "Line 1: “trim” behind a | takes nothing more in brackets."),
        ("{{ title | upper(1) }}", "Line 1: “upper” behind a | takes nothing more"),
        ("{{ title | d(1, 2, 3) }}", "Line 1: “d” behind a | takes nothing more"),
        ("\n{{ lines | upper }}", "Line 2: {{ lines }} stands alone, without a |"),
        ("{{ title }}\nHello\0", "Line 2 holds a character that no mail can carry."),
        ("{{ " + "9" * 5000 + " }}", "a number is too long"),
        ("{% if title %}" * 150 + "{% endif %}" * 150, "too many things stand in each other"),
        ("{{ " + "(" * 4000 + "title" + ")" * 4000 + " }}", "too many things stand in each"),
    ],
)
def test_what_cannot_be_sent_is_said_with_its_line(body, said):
    found = wrong(body)

    assert len(found) == 1
    assert said in found[0]


def test_a_mail_with_a_link_must_have_its_link():
    (said,) = wrong("Welcome, {{ me.first_name }}", needed=["me.link"])

    assert said == "Without {{ me.link }} nobody can follow the link. Add it."


@pytest.mark.parametrize("html", [False, True])
def test_a_variable_that_is_empty_leaves_nothing_behind(html):
    words = {"because": None, "title": "Pricing"}

    assert wording.render("{{ title }}. Why: {{ because }}", words, html=html) == "Pricing. Why: "


@pytest.mark.parametrize("html", [False, True])
def test_what_stands_behind_default_takes_the_place_of_what_is_empty(html):
    words = {"because": None, "title": ""}
    text = "{{ because | capitalize }}{{ because | default('x') }}{{ title | d('y') }}"

    assert wording.render(text, words, html=html) == "xy"


def test_a_text_becomes_paragraphs_with_links_and_nothing_else():
    words = {"title": "<b>R&D</b>", "when": "5 pm"}
    text = "{{ title }}\nat {{ when }}\n\n\nSee https://x.example/a?b=1&c=2. Thanks"

    html = wording.paragraphs(wording.render(text, words, html=True))

    assert "&lt;b&gt;R&amp;D&lt;/b&gt;<br>\nat 5 pm</p>" in html
    assert '<a href="https://x.example/a?b=1&amp;c=2" ' in html
    assert html.count("<p ") == 2
