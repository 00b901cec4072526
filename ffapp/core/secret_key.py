"""Whether SECRET_KEY protects anything: it signs sessions and links, and encrypts tokens."""

MAKE_KEY = "make one with openssl rand -base64 48."


def weakness_of_key(key: str) -> str | None:
    """What is wrong with a SECRET_KEY that others could guess; None when nothing is."""
    if len(key) < 32:
        return "has fewer than 32 characters"
    if len({key[at : at + 3] for at in range(len(key) - 2)}) < 24:
        return "repeats itself"
    if any(word in key.lower() for word in ("secret", "change", "example", "password")):
        return "is made of words"
    return None
