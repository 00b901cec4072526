"""What is said in a simulated class, as Zoom's audio transcript (WebVTT) writes it down."""

from datetime import timedelta

from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.hosts import display_name
from ffapp.providers.zoom.simulator.state import Data

CUE_SECONDS, PAUSE_SECONDS = 6, 2
FEWEST, MOST = 6, 600  # cues: a class of a moment has some, a long one not more than these
# By turns: the teacher, then somebody who answers.
SAID = (
    "Good evening, everybody. Can you hear me?",
    "Yes, we can hear you well.",
    "Today we speak about prices. What does it cost you to make one piece?",
    "I counted the flour and the sugar, and forgot the oven.",
    "The oven is a cost as well; so is your time.",
    "How do I count my time when I am still at school?",
    "Take what somebody would pay you for another hour of work.",
    "Then each jar of pickle costs me ninety rupees.",
    "And what would your first customer pay for it?",
    "Perhaps one hundred and fifty. नमस्ते, I have asked three neighbours.",
    "Good. Write the number down, and ask three people who are not neighbours.",
    "I will bring the answers next week.",
)


def vtt(instance: Data, number: int) -> str:
    """The transcript of the `number`-th recorded segment; the same each time."""
    segment = instance["segments"][number]
    seconds = (state.instant(segment["end"]) - state.instant(segment["start"])).total_seconds()
    count = min(max(int(seconds // (CUE_SECONDS + PAUSE_SECONDS)), FEWEST), MOST)
    teacher, answering = _speakers(instance)
    cues = []
    for place in range(count):
        begins = timedelta(seconds=place * (CUE_SECONDS + PAUSE_SECONDS))
        ends = begins + timedelta(seconds=CUE_SECONDS)
        who = answering[place // 2 % len(answering)] if place % 2 else teacher
        words = SAID[place % len(SAID)]
        cues.append(f"{place + 1}\n{_time(begins)} --> {_time(ends)}\n{who}: {words}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def _speakers(instance: Data) -> tuple[str, list[str]]:
    """The host, and everybody else who was there, by name."""
    teacher = display_name(instance["host_email"])
    there = {person["name"] for person in state.participants_of(instance["uuid"])}
    return teacher, sorted(there - {teacher}) or [teacher]


def _time(at: timedelta) -> str:
    minutes, seconds = divmod(int(at.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000"
