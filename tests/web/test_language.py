"""Pages in the reader's language: chosen, kept, complete."""

import re
import subprocess
from pathlib import Path

import flask
import html5lib
import pytest
from babel.messages.pofile import read_po
from sqlalchemy import delete, func, select

from ffapp.classes.schedule import cancel
from ffapp.core import clock, i18n
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.notifications.models import Notification
from ffapp.people.links import make_link, url_of
from ffapp.people.models import Person
from ffapp.recordings.models import LANGUAGE, Recording, Transcript
from tests.cast import PASSWORD
from tests.held_classes import add_instance
from tests.zoom_posts import ended, post, started

ROOT = Path(__file__).parents[2]
PUBLIC = ("/sign-in", "/forgot", "/links/made-up", "/no-such-page")
STUDENT = (
    "/home",
    "/schedule",
    "/schedule?past=1",
    "/schedule/month",
    "/schedule/month?month=2031-05",
    "/recordings",
    "/recordings?q=zebra",
    "/notifications",
    "/me",
    "/admin/today",  # refused
    "/no-such-page",
)
ERRORS = (400, 403, 404, 409, 413, 419, 429, 500)
HINDI = {"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.5"}


def language_of(response):
    return re.search(r'<html lang="(\w+)"', response.text)[1]


# ── choosing ──


def test_a_visitor_is_answered_in_the_language_of_the_browser(client):
    assert language_of(client.get("/sign-in")) == "en"
    answer = client.get("/sign-in", headers=HINDI)

    assert language_of(answer) == "hi"
    assert "साइन इन" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_visitor_who_chooses_a_language_keeps_it(client):
    page = client.get("/forgot", headers=HINDI).text
    assert re.search(r'lang="en" aria-pressed="false">English<', page)

    answer = client.post("/language", data={"language": "en", "next": "/forgot"})

    assert answer.location == "/forgot"
    assert language_of(client.get("/forgot", headers=HINDI)) == "en"


@pytest.mark.parametrize("language", ["xx", ""])
def test_a_language_that_we_lack_is_not_kept(client, language):
    client.post("/language", data={"language": language})

    assert language_of(client.get("/sign-in")) == "en"


def test_who_signs_in_first_in_a_language_keeps_it(client, cast):
    client.get("/sign-in")
    form = {"email": cast.asha.email, "password": PASSWORD}
    client.post("/sign-in", data=form, headers=HINDI)

    assert language_of(client.get("/home")) == "hi"
    client.post("/sign-in", data=form, headers={"Accept-Language": "en"})
    assert db.session.get_one(Person, cast.asha.id, populate_existing=True).language == "hi"


def test_a_student_chooses_on_me_and_it_stands_in_the_history(client, cast):
    client.sign_in(cast.asha)
    chosen = {"language": "hi", "quiet_from": "21:00", "quiet_until": "08:00"}
    page = client.post("/me", data=chosen, follow_redirects=True)

    assert language_of(page) == "hi"
    assert "सहेज लिया" in page.text
    changes = db.session.scalars(select(Event).filter_by(name="person_changed")).all()
    assert [each.facts["changed"] for each in changes] == [{"language": ["en", "hi"]}]
    client.post("/sign-out")
    assert language_of(client.get("/sign-in")) == "hi", "and on this device afterwards"


def test_the_team_reads_english_whatever_its_browser_asks(client, cast):
    client.sign_in(cast.admin)

    for path in ("/admin/today", "/admin/classes", "/admin/no-such-page"):
        assert language_of(client.get(path, headers=HINDI)) == "en"


def test_a_crowd_is_answered_in_each_ones_language(client, app, cast, worker, travel):
    session = cast.schedule(hours=2)
    worker.drain()
    cast.asha.language = "hi"
    db.session.commit()
    cards = {}
    for person in (cast.asha, cast.ravi):
        browser = app.test_client()
        browser.sign_in(person)
        cards[person.id] = [browser.get(f"/classes/{session.id}/card").text for _ in range(30)]

    assert all("शुरू होगी" in card for card in cards[cast.asha.id])
    assert all("Starts in" in card for card in cards[cast.ravi.id])


def test_times_and_dates_are_spelt_in_the_language(cast, travel):
    session = cast.schedule(hours=2)
    with i18n.language("hi"):
        at = clock.spell(session.starts_at, "Asia/Kolkata")
        there = clock.zone_label(session.starts_at, "Asia/Dubai")

    assert re.fullmatch(r"[\u0900-\u097f]+, \d+ [\u0900-\u097f]+, \S+ \d+:\d\d बजे IST", at), at
    assert there == "दुबई का समय"


# ── completeness ──


class Pseudo:
    """A catalogue that marks every letter of a text, so that what was not translated stands out."""

    LETTERS = str.maketrans(
        {chr(a): chr(0xFF21 + i) for i, a in enumerate(range(ord("A"), ord("Z") + 1))}
        | {chr(a): chr(0xFF41 + i) for i, a in enumerate(range(ord("a"), ord("z") + 1))}
    )

    def __init__(self, real):
        self.real = real

    def gettext(self, text):
        if re.fullmatch(r"[EdMyhma: ]+", text):  # a pattern of dates
            return self.real.gettext(text)
        parts = re.split(r"(%\(\w+\)s|<[^>]+>)", text)
        return "".join(part if part[:1] in "%<" else part.translate(self.LETTERS) for part in parts)

    def ngettext(self, one, many, num):
        return self.gettext(one if num == 1 else many)


@pytest.fixture
def pseudo(monkeypatch):
    real, catalogue = i18n.catalogue, Pseudo(i18n.catalogue("hi"))
    monkeypatch.setattr(i18n, "catalogue", lambda code: catalogue if code == "hi" else real(code))


@pytest.fixture
def hindi(app, cast):
    """Asha's browser, in Hindi."""
    cast.asha.language = "hi"
    cast.asha.phone = "+919876543210"
    cast.asha.time_zone = "Asia/Dubai"
    db.session.commit()
    browser = app.test_client()
    browser.sign_in(cast.asha)
    return browser


# What is data or a name, and stands as it is.
DATA = (
    *("Asha", "Rao", "AR", "Winter 2026", "Pricing", "How to find a price", "Meera is ill"),
    *("Future Founders", "English", "WhatsApp", "Educator", "We count the flour"),
    *("asha@students.example", "IST", "zebra", "so short", "nobody", "Nowhere", "Enter", "482913"),
)
SPOKEN = ("aria-label", "placeholder", "title", "alt", "data-copied", "data-refused")
SPOKEN += ("data-unreachable", "data-tab-title", "data-units")


def left_in_english(html):
    """The words of a page that no catalogue has touched."""
    for path in (r"(?:https?|webcal)://[^\s\"<]+", r"\b(?:Asia|Europe|Etc|America)/\w+"):
        html = re.sub(path, "", html)
    said = []
    for each in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if isinstance(each.tag, str) and each.tag not in ("script", "style"):
            said += [each.text, *(each.get(name) for name in SPOKEN)]
        said.append(each.tail)
    text = "\n".join(filter(None, said))
    for known in sorted(DATA, key=len, reverse=True):
        text = text.replace(known, "")
    return sorted(set(re.findall(r"[^\n]*[A-Za-z]{2,}[^\n]*", text)))


def check(response):
    if "<html" in response.text:
        assert language_of(response) == "hi"
    left = left_in_english(response.text)
    assert not left, f"{response.request.path}: {left}"


def record(session):
    """Two parts with two views each, and what was said in the first."""
    session.recording_state = "available"
    add_instance(session)
    files = [
        (number, kind, "MP4")
        for number in (0, 1)
        for kind in ("shared_screen_with_speaker_view", "gallery_view")
    ]
    for number, kind, file_type in [*files, (0, "audio_transcript", "TRANSCRIPT")]:
        starts_at = session.starts_at + clock.minutes(30 * number)
        row = Recording(
            session_id=session.id,
            meeting_uuid="u",
            file_id=f"{number}-{kind}",
            file_type=file_type,
            recording_type=kind,
            starts_at=starts_at,
            ends_at=starts_at + clock.minutes(28),
            play_url="https://zoom.us/rec/play/x",
            play_passcode="482913",
            first_seen_at=clock.now(),
        )
        db.session.add(row)
    db.session.flush()
    words = "We count the flour"
    row = Transcript(
        recording_id=row.id,
        state="ready",
        lines=[[4, "Educator", words]],
        words=db.session.scalar(select(func.to_tsvector(LANGUAGE, words))),
    )
    db.session.add(row)
    db.session.commit()


def test_no_text_of_a_public_page_is_left_in_english(app, cast, pseudo):
    browser = app.test_client()
    for path in PUBLIC:
        check(browser.get(path, headers=HINDI))
    for path, form in (
        ("/sign-in", {}),
        ("/sign-in", {"email": "nobody", "password": "x"}),
        ("/sign-in", {"email": cast.asha.email, "password": "x"}),
        ("/forgot", {"email": ""}),
        ("/forgot", {"email": cast.asha.email}),
    ):
        check(browser.post(path, data=form, headers=HINDI))
    for purpose in ("invitation", "reset"):
        link = url_of(transaction(make_link, cast.asha, purpose)).partition("localhost")[2]
        check(browser.get(link, headers=HINDI))
        for password in ("so short", "aaaaaaaaaaaa", "x" * 201, cast.asha.email):
            check(browser.post(link, data={"password": password}, headers=HINDI))
        browser.post(link, data={"password": PASSWORD}, headers=HINDI)
        check(app.test_client().get(link, headers=HINDI))
    check(browser.post("/sign-in", csrf=False, headers=HINDI))


def test_no_text_of_an_error_page_is_left_in_english(app, pseudo):
    for code in ERRORS:
        with app.test_request_context("/forgot", headers=HINDI):
            app.preprocess_request()
            html = flask.render_template(f"errors/{code}.html", reference="482913")
        assert not left_in_english(html), code


def test_no_text_of_a_students_page_is_left_in_english(hindi, cast, worker, travel, pseudo):
    db.session.execute(delete(Notification))  # told while she read English
    db.session.commit()
    for path in STUDENT:  # while there is nothing to show
        check(hindi.get(path))
    over = cast.schedule(hours=-30)
    record(over)
    cancelled = cast.schedule(hours=4)
    transaction(cancel, cancelled, "Meera is ill", cancelled.revision, cast.admin)
    cast.schedule(hours=50)
    session = cast.schedule(hours=2)
    for path in (*STUDENT, f"/recordings/classes/{over.id}", f"/classes/{cancelled.id}"):
        check(hindi.get(path))
    transcript = db.session.scalar(select(Recording.id).filter_by(file_type="TRANSCRIPT"))
    check(hindi.get(f"/recordings/{transcript}/transcript"))
    check(hindi.get(f"/classes/{session.id}/cannot-join"))
    check(hindi.post("/me", data={"quiet_from": "", "quiet_until": "x", "time_zone": "Nowhere"}))
    check(hindi.post("/me/calendar-link", follow_redirects=True))
    check(hindi.post("/me/calendar-link/end", follow_redirects=True))
    check(hindi.post("/notifications/readings", follow_redirects=True))


def test_no_text_of_the_join_card_is_left_in_english(hindi, client, cast, worker, travel, pseudo):
    session = cast.schedule(hours=2)
    card = f"/classes/{session.id}/card"
    travel.to(session.starts_at - clock.minutes(5))
    check(hindi.get(card))  # there is no meeting yet
    worker.drain()
    db.session.refresh(session)
    for minutes in (-119, -5, 1):
        travel.to(session.starts_at + clock.minutes(minutes))
        check(hindi.get(card))
    begun = session.starts_at + clock.minutes(2)
    post(client, started(session.zoom_meeting_id, begun))
    worker.drain()
    travel.to(begun + clock.minutes(70))
    check(hindi.get(card))
    hindi.get(f"/classes/{session.id}/join", lint=False)
    check(hindi.get(card))
    post(client, ended(session.zoom_meeting_id, begun, clock.now()))
    worker.drain()
    check(hindi.get(card))
    travel.forward(hours=20)
    check(hindi.get(card))
    db.session.refresh(session)
    record(session)
    check(hindi.get(card))


# ── the catalogue ──


def catalogue(code):
    with (i18n.CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def forms(message):
    """(text, its translation) for each form that the text has."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[min(i, 1)], each) for i, each in enumerate(message.string)]


def marks(text):
    """What a translation must take over: placeholders, and markup."""
    return sorted(re.findall(r"%\(\w+\)[sd]|</?\w+>", text))


@pytest.mark.parametrize("code", sorted(set(i18n.LANGUAGES) - {i18n.ENGLISH}))
def test_a_catalogue_is_complete(code):
    for message in catalogue(code):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        for text, translated in forms(message):
            assert translated, f"not translated: {text}"
            assert marks(translated) == marks(text), f"{text} → {translated}"
            assert '"' not in translated, f"{text}: a text may stand in an attribute; use “ and ”"


@pytest.mark.parametrize("code", sorted(set(i18n.LANGUAGES) - {i18n.ENGLISH}))
def test_what_is_compiled_is_what_is_written(code):
    compiled = i18n.catalogue(code)
    for message in catalogue(code):
        if isinstance(message.id, str) and message.id:
            assert compiled.gettext(message.id) == message.string
        elif message.id:
            shown = tuple(compiled.ngettext(*message.id, count) for count in (1, 2))
            assert shown == message.string


def test_the_catalogues_hold_every_text_of_the_code():
    done = subprocess.run([ROOT / "scripts" / "translations", "check"], check=False)

    assert done.returncode == 0, "run scripts/translations, translate what is new, run it again"
