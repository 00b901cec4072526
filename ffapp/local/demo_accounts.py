"""Who lives in the demo programme, and how they sign in."""

from pathlib import Path

import psycopg

from ffapp.local.running import VAR, keep_secret

ADMIN = ("Vikram Sethi", "admin@futurefounders.example")
# name, e-mail, guardian, whether the guardian agrees to messages
STUDENTS = (
    ("Asha Rao", "asha@students.example", "Meena Rao", True),
    ("Ravi Menon", "ravi@students.example", "Thomas Menon", True),
    ("Kabir Shah", "kabir@students.example", "Farah Shah", False),
)


def password(folder: Path = VAR) -> str:
    """Of everybody in the demo: random, kept in the data directory, printed at each start."""
    return keep_secret("demo_password", 9, folder)


def sign_ins(folder: Path = VAR) -> list[dict[str, str]]:
    """Who can sign in to the demo, and what is special about them."""
    word = password(folder)
    return [
        {"role": "admin", "name": ADMIN[0], "email": ADMIN[1], "password": word, "note": ""},
        *(
            {
                "role": "student",
                "name": name,
                "email": email,
                "password": word,
                "note": "" if agrees else "the guardian has refused messages",
            }
            for name, email, _, agrees in STUDENTS
        ),
    ]


def sign_ins_in(libpq_url: str) -> list[dict[str, str]]:
    """Those of them whom that database knows."""
    people = sign_ins()
    with psycopg.connect(libpq_url) as connection:
        known = connection.execute(
            "SELECT email FROM people WHERE email = ANY(%s)", [[each["email"] for each in people]]
        ).fetchall()
    return [each for each in people if (each["email"],) in known]


def describe_sign_ins(says: str, people: list[dict[str, str]]) -> str:
    """Where it runs, and who can sign in."""
    lines = ["", f"  Future Founders {says}", ""]
    if not people:
        lines += ["  Let an admin in:  .venv/bin/ffapp admin you@example.org 'Your Name'"]
    for each in people:
        note = f"  ({each['note']})" if each["note"] else ""
        lines.append(f"  {each['role']:<8} {each['email']:<34} {each['password']}{note}")
    return "\n".join([*lines, ""])
