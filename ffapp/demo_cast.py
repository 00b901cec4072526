"""Who lives in the demo programme, and how they sign in."""

PASSWORD = "founders-demo-2026"
ADMIN = ("Vikram Sethi", "admin@futurefounders.example")
# name, e-mail, guardian, whether the guardian agrees to messages
STUDENTS = (
    ("Asha Rao", "asha@students.example", "Meena Rao", True),
    ("Ravi Menon", "ravi@students.example", "Thomas Menon", True),
    ("Kabir Shah", "kabir@students.example", "Farah Shah", False),
)


def sign_ins() -> list[dict[str, str]]:
    """Who can sign in to the demo, and what is special about them."""
    return [
        {"role": "admin", "name": ADMIN[0], "email": ADMIN[1], "password": PASSWORD, "note": ""},
        *(
            {
                "role": "student",
                "name": name,
                "email": email,
                "password": PASSWORD,
                "note": "" if agrees else "the guardian has refused messages",
            }
            for name, email, _, agrees in STUDENTS
        ),
    ]
