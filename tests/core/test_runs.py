"""A run does each chunk exactly once, whatever happens to its worker, and says how far it is."""

from datetime import timedelta
from itertools import count

import pytest

from ffapp.core import clock, runs
from ffapp.core.db import db, transaction
from ffapp.core.runs import RunState
from ffapp.programme.models import Cohort
from ffapp.web.kit.runs import RunView, show_as, status_of

KIND = "test.rename"


@pytest.fixture
def chunks(cast, monkeypatch):
    """Runs of a kind that, with each of its ten chunks, lengthens the cohort's name by one `x`.

    `before` is called between two chunks, with the number of the chunk to come.
    """
    state = {"before": lambda number: None, "during": lambda number: None}

    def lengthen(run):
        state["during"](run.done)
        db.session.get_one(Cohort, cast.cohort.id, with_for_update=True).name += "x"
        run.done += 1
        run.position = {"after": run.done}

    def work(run):
        for number in range(run.position.get("after", 0), run.total):
            state["before"](number)
            yield lengthen

    monkeypatch.setitem(runs._work, KIND, work)
    show_as(KIND, RunView("Renaming", "Renaming", ("Today", lambda run: "/admin/today")))
    cast.cohort.name = "C"
    db.session.commit()
    return state


def start(cast, **more):
    return transaction(runs.start, KIND, cast.admin, total=10, **more)


def name_of(cast):
    db.session.rollback()
    return db.session.get_one(Cohort, cast.cohort.id).name


def test_a_worker_does_all_of_it_and_says_so(cast, worker, chunks):
    run = start(cast)
    assert status_of(run).text == "A worker takes it next."

    worker.drain()

    db.session.refresh(run)
    assert (run.state, run.done, name_of(cast)) == ("done", 10, "C" + 10 * "x")
    assert status_of(run).text == "It did 10 of 10."


def test_what_breaks_off_in_a_chunk_leaves_nothing_of_that_chunk_and_can_go_on(
    cast, worker, chunks
):
    def stumble(number):
        if number == 4:
            raise ValueError

    run = start(cast)
    chunks["during"] = stumble
    worker.drain()
    db.session.refresh(run)
    assert (run.state, name_of(cast)) == ("failed", "Cxxxx")
    assert status_of(run).text == "It did not end. Until then it did 4 of 10."
    assert run.problems == ["It broke off (ValueError)."]

    chunks["during"] = lambda number: None
    transaction(runs.resume, run)
    worker.drain()

    assert name_of(cast) == "C" + 10 * "x"


def test_two_workers_with_the_same_run_do_each_chunk_once(cast, chunks):
    run = start(cast)
    others = count()

    def let_another_one_take_it(number):
        if number == 3 and not next(others):
            runs.perform(run.id)

    chunks["before"] = let_another_one_take_it
    runs.perform(run.id)

    assert name_of(cast) == "C" + 10 * "x"


def test_a_long_run_gives_its_slot_to_others_and_queues_up_again(cast, worker, chunks):
    run = start(cast, by_caller=True)

    runs.perform(run.id, seconds=0)

    db.session.refresh(run)
    assert (run.done, run.state) == (1, RunState.RUNNING)
    worker.drain()
    assert name_of(cast) == "C" + 10 * "x"


def test_a_run_that_is_cancelled_stops_before_its_next_chunk_and_can_continue(
    client, cast, worker, chunks
):
    client.sign_in(cast.admin)
    run = start(cast)
    page = f"/admin/runs/{run.id}"

    def cancel(number):
        if number == 2:
            db.session.rollback()
            client.post(f"{page}/cancellation")

    chunks["before"] = cancel
    worker.drain()
    assert name_of(cast) == "Cxx"
    text = client.get(page).text
    assert "It was stopped. Until then it did 2 of 10." in text
    assert 'hx-trigger="load' not in text, "it stops asking"

    chunks["before"] = lambda number: None
    client.post(f"{page}/resumption")
    worker.drain()

    assert name_of(cast) == "C" + 10 * "x"
    client.post(f"{page}/resumption")
    worker.drain()
    assert name_of(cast) == "C" + 10 * "x", "what is done is not done again"


def test_a_run_that_nobody_has_taken_yet_is_cancelled_at_once(cast, worker, chunks):
    run = start(cast)
    transaction(runs.request_cancel, run)
    worker.drain()

    assert (run.state, name_of(cast)) == ("cancelled", "C")


def test_its_page_shows_progress_and_asks_again_by_itself(client, cast, chunks):
    client.sign_in(cast.admin)
    run = start(cast)
    run.state, run.done, run.failed = RunState.RUNNING, 4, 1
    run.problems = ["Row 3: no."]
    db.session.commit()

    whole = client.get(f"/admin/runs/{run.id}").text
    headers = {"HX-Request": "true", "HX-Target": "run-progress"}
    part = client.get(f"/admin/runs/{run.id}", headers=headers).text

    assert '<meta http-equiv="refresh" content="2">' in whole, "also without a script"
    for text in (whole, part):
        assert '<progress max="10" value="4"' in text
        assert "1 failed" in text
        assert "Row 3: no." in text
        assert f'hx-get="/admin/runs/{run.id}"' in text


@pytest.mark.parametrize(
    ("before", "said"),
    [(timedelta(seconds=30), "No worker has taken it yet"), (timedelta(hours=1), "Broken off")],
)
def test_a_run_that_nobody_does_says_so(client, cast, chunks, before, said):
    client.sign_in(cast.admin)
    run = start(cast)
    run.moved_at = clock.now() - before
    db.session.commit()

    assert said in client.get(f"/admin/runs/{run.id}").text


def test_of_very_many_problems_the_first_are_kept_and_the_others_counted(cast, chunks):
    run = start(cast)
    for number in range(250):
        run.note_problem(f"Row {number}.")

    assert len(run.problems) == runs.PROBLEMS_KEPT
    assert run.fact("more_problems") == 50
