"""All notices: each module of `ffapp/notices/` that has a `NOTICE`."""

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module

from ffapp import notices
from ffapp.messaging.notice import Notice
from ffapp.messaging.send_test import TEST_MESSAGE
from ffapp.providers.aisensy import campaigns


@cache
def all_notices() -> Sequence[Notice]:
    """By preference kind and name; what nobody chooses comes last."""
    names = (each.name for each in pkgutil.iter_modules(notices.__path__) if not each.ispkg)
    found = [import_module(f"{notices.__name__}.{name}").NOTICE for name in names]
    found.sort(key=lambda notice: (notice.kind is None, notice.kind, notice.name))
    return [*found, TEST_MESSAGE]


def register_whatsapp_texts() -> None:
    """Tell who sends by WhatsApp, and who simulates it, which words have been approved there."""
    campaigns.register({each.name: each.whatsapp for each in all_notices() if each.whatsapp})
