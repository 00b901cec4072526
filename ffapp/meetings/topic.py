"""How a class is called at Zoom, and what a name that Zoom tells means for its title."""

from ffapp.classes.models import ClassSession
from ffapp.providers.zoom.wire import TOPIC_LENGTH

BETWEEN = " · "
TITLE_LENGTH = 150  # what the form of a class takes


def topic_of(session: ClassSession) -> str:
    """`Pricing · Winter 2026`, as Zoom is told it: on one line, cut to Zoom's length."""
    topic = f"{session.title}{BETWEEN}{session.cohort.name}"
    return " ".join(topic.split())[:TOPIC_LENGTH].rstrip()


def title_in(topic: str, session: ClassSession, old_topic: str = "") -> str:
    """The title that a topic gives the class; the one it has when the topic says nothing of it.

    Only the cohort's name at the end, behind our own dot, is not part of the title; it is also
    known as it stood in `old_topic`, when the cohort had another name. Everything else that a host
    writes is taken as it is: what looks like another cohort is a title, and a topic without any
    cohort is one too. Of nothing (an empty topic, the cohort alone) no title can be made.
    """
    topic = " ".join(topic.split())
    if topic == topic_of(session):
        return session.title
    for end in _ends(session, old_topic):
        if f"{BETWEEN}{topic}".endswith(end):
            topic = f"{BETWEEN}{topic}"[: -len(end)].removeprefix(BETWEEN)
            break
    return topic.strip(BETWEEN)[:TITLE_LENGTH].rstrip() or session.title


def _ends(session: ClassSession, old_topic: str) -> list[str]:
    own = BETWEEN + " ".join(session.cohort.name.split())
    was = " ".join(old_topic.split())
    title, found = session.title, [own]
    if was.startswith(title + BETWEEN):
        found.append(was.removeprefix(title))
    return found
