"""What is said in a simulated call, and how it sounds: a few soft tones."""

import io
import math
import wave
from functools import cache
from typing import Any

RATE, SECONDS = 8000, 4
TONES = (392, 440, 523, 440)  # Hz, one a second
LONG = 1024 * 1024  # letters of the longest transcript
TURNS = (
    "assistant: Namaste {name}, this is an automated call of the programme. It is recorded.",
    "user: Yes, hello.",
    "assistant: I am calling about {about}. Is this a good time?",
    "user: Yes, please tell me.",
    "assistant: Thank you. You will find all of it on your page. Have a good day!",
    "user: धन्यवाद, bye.",
)


def transcript(call: dict[str, Any], longest: bool = False) -> str:
    """What the agent and the person said, a line for each turn."""
    data = call["user_data"]
    name, about = data.get("callee_name") or "there", data.get("script") or "your course"
    text = "".join(f"{turn.format(name=name, about=about)}\n" for turn in TURNS)
    return text * (LONG // len(text) + 1) if longest else text


@cache
def sound() -> bytes:
    """A WAV file that every browser plays, 32 kB."""
    samples = bytes(
        128 + round(40 * math.sin(2 * math.pi * TONES[place // RATE] * place / RATE))
        for place in range(RATE * SECONDS)
    )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(samples)
    return buffer.getvalue()
