"""Light Markdown: what an admin may write, what becomes of it, and what is said about the rest."""

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ffapp.messaging import compose, markup, rendering
from ffapp.messaging.compose import Sheet
from ffapp.messaging.markup import Value, Variable, Words
from ffapp.messaging.rendering import Row

KNOWN = {
    "title": Variable("the name"),
    "when": Variable("when it is"),
    "because": Variable("why; may be empty"),
    "classes": Variable("the classes", rows=True),
    "schedule_url": Variable("the schedule", address=True),
    "first_name": Variable("the name", personal=True),
    "link": Variable("the link", personal=True, secret=True, address=True),
}
VALUES = {
    "title": "R&D",
    "when": "5 pm",
    "because": None,
    "classes": [Row([Words("5 pm")], "Pricing"), Row([Words("6 pm")], "Profit")],
    "schedule_url": "https://x.example/schedule",
    "first_name": "Asha",
    "link": "https://x.example/l",
}


def text_of(source, **values):
    return rendering.render_text(markup.parse(source, KNOWN), {**VALUES, **values})


def html_of(source, **values):
    return rendering.render_html(markup.parse(source, KNOWN), {**VALUES, **values})


def words_in(html):
    """The words of HTML, one space between them."""
    body = html5lib.parse(f"<body>{html}", namespaceHTMLElements=False).find("body")
    return " ".join(" ".join(body.itertext()).split())


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {{ first_name }},\n\nsee {{title}}.", "Hello Asha,\n\nsee R&D."),
        ("# Heading\n\nBody", "Body"),
        ("**{{ when }}**, 5 ** 3 ** 2", "5 pm, 5 ** 3 ** 2"),
        ("Join here:\n[See it]({{ schedule_url }})", "Join here:\nhttps://x.example/schedule"),
        ("see [the page](https://a.example/?b=1)!", "see the page (https://a.example/?b=1)!"),
        ("{{ classes }}", "5 pm\nPricing\n\n6 pm\nProfit"),
        (r"\*\*not bold\*\*, \[no\](link), \# no", "**not bold**, [no](link), # no"),
        ("A\n\nWhy: {{ because }}\n\nB", "A\n\nB"),
        ("A\nWhy: {{ because }}\nB", "A\nB"),
        ("\r\n\r\nA\r\nB\r\n", "A\nB"),
    ],
)
def test_a_text_becomes_plain_text(source, text):
    assert text_of(source) == text


def test_a_text_becomes_a_heading_and_the_inside_of_a_mail():
    heading, body = html_of(
        "# About {{ title }}\n\nHello,\n**{{ when }}** at https://a.example/?b=1&c=2.\n\n"
        "Why: {{ because }}\n[See it]({{ schedule_url }})\nor {{ schedule_url }}"
    )

    assert heading == "About R&amp;D"
    assert "Hello,<br>\n<strong>5 pm</strong> at <a href=" in body
    assert '<a href="https://a.example/?b=1&amp;c=2" ' in body
    assert ">https://a.example/?b=1&amp;c=2</a>.</p>" in body
    assert '<a href="https://x.example/schedule" style="display:inline-block' in body
    assert ">See it</a>" in body
    assert "Why" not in body
    assert body.endswith('color:#0b5a60">https://x.example/schedule</a></p>')


def test_a_line_that_says_the_same_as_the_heading_is_not_repeated_in_html():
    source = "# {{ title }}\n\n{{ title }}\n{{ when }}"

    assert "R&amp;D" not in html_of(source)[1]
    assert text_of(source) == "R&D\n5 pm"


def test_the_first_heading_whose_variables_are_filled_in_is_taken():
    assert html_of("# Because {{ because }}\n# {{ title }}\n\nx")[0] == "R&amp;D"
    assert html_of("x")[0] is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "Write something here."),
        ("   \n", "Write something here."),
        ("x" * 10_001, "longer than 10,000 characters"),
        ("Hello {{ tittle }}", "Line 1: {{ tittle }} is not known in this message. Did you mean"),
        ("\n\n{{ fist_name }}", "Line 3: {{ fist_name }} is not known"),
        ("**{{ xyzzy }}**", "Line 1: {{ xyzzy }} is not known in this message. See the list"),
        ("{{ title", "Line 1: between {{ and }} stands the name of one variable"),
        ("title }}", "between {{ and }} stands the name of one variable"),
        ("\n{{ title | upper }}", "Line 2: between {{ and }} stands the name of one variable"),
        ("{{ title.__class__ }}", "between {{ and }} stands the name of one variable"),
        ("{% if because %}x{% endif %}", "Line 1: {% … %} is not needed: a line is left out"),
        ("The classes: {{ classes }}", "{{ classes }} is a list, and stands alone on its line"),
        ("[x]({{ title }})", "a link leads to an address that begins with https://, or {{ sched"),
        ("[x](javascript:alert(1))", "a link leads to an address that begins with https://"),
        ("[x]({{ nonsense_url }})", "{{ nonsense_url }} is not known"),
        ("A\nHello\0", "Line 2: it holds a character that no mail can carry."),
    ],
)
def test_what_cannot_be_sent_is_said_with_its_line(source, said):
    found = markup.problems(source, KNOWN)

    assert len(found) == 1
    assert said in found[0]


def test_a_mail_with_a_link_must_have_its_link():
    assert markup.problems("[Go]({{ link }})", KNOWN, ["link"]) == []
    assert markup.problems("Welcome", KNOWN, ["link"]) == [
        "Without {{ link }} nobody can follow the link. Add it."
    ]


LINES = st.sampled_from(
    [
        "Hello {{ first_name }},",
        "{{ title }} is on **{{ when }}**.",
        "**{{ title }}**",
        "Why: {{ because }}",
        "{{ title }}{{ because }}",
        "{{ classes }}",
        "",
        "See {{ schedule_url }} [or {{ title }}]({{ schedule_url }})",
    ]
)
# Words as people type them; what would be markup in a text among them.
TYPED = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])),
    st.lists(
        st.sampled_from(
            ["**", "<b>", "</p>", "&", "'", '"', "[a](https://b.c)", "{{ title }}", "# ", "\\*"]
        )
    ).map(" ".join),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(LINES, min_size=1, max_size=6), TYPED, TYPED, TYPED)
def test_whatever_is_filled_in_is_only_words(lines, title, because, name):
    """Nothing in a value becomes markup, and HTML says what the plain text says."""
    rows = [Row([Words("5 pm"), Value("your_time_1")], title)]
    values = {"title": title, "because": because, "first_name": name, "classes": rows}
    filled = {**VALUES, **values, "your_time_1": name}
    parsed = markup.parse("\n".join(["x", *lines]), KNOWN)

    text = rendering.render_text(parsed, filled)
    _, html = rendering.render_html(parsed, filled)

    document = html5lib.parse(f"<body>{html}", namespaceHTMLElements=False)
    ours = {"html", "head", "body", "p", "br", "strong", "a", "ol", "li"}
    assert {each.tag for each in document.iter()} <= ours
    assert {each.get("href") for each in document.iter("a")} <= {"https://x.example/schedule"}
    assert "".join(words_in(html).split()) == "".join(_without_address(text).split())


def _without_address(text):
    """The target of a link within a line stands in brackets in the plain text."""
    return text.replace(" (https://x.example/schedule)", "")


@settings(deadline=None, derandomize=True)
@given(TYPED, TYPED)
def test_no_word_that_is_typed_can_be_taken_for_a_tag(title, name):
    nonce = "0a1b2c3d"
    tags = {"first_name": compose.Tag(nonce, "first_name")}
    spoof = f"-first_name-{title}-first_name_html-"
    parsed = markup.parse("{{ title }}|{{ first_name }}", KNOWN)
    values = {**VALUES, **tags, "title": spoof}
    text = rendering.render_text(parsed, values)
    _, html = rendering.render_html(parsed, values)

    filled = compose.fill(Sheet("", text, html, nonce=nonce), {"first_name": name})

    assert filled.text == f"{spoof}|{name}".strip("\n")
    assert "".join(words_in(filled.html).split()) == "".join(f"{spoof}|{name}".split())


def test_a_name_that_looks_like_a_tag_stays_a_name():
    """Each word is filled in once: what it brings is not looked at again."""
    sheet = Sheet("-7first_name-", "-7first_name- -7link-", "", nonce="7")

    filled = compose.fill(sheet, {"first_name": "-7link-", "link": "secret"})

    assert filled.text == "-7link- secret"


def test_a_sheet_of_before_tags_had_a_number_can_still_be_read():
    sheet = Sheet("Hello -first_name-", "", "<b>-first_name_html-</b>")

    filled = compose.fill(sheet, {"first_name": "R&D"})

    assert (filled.subject, filled.html) == ("Hello R&D", "<b>R&amp;D</b>")
