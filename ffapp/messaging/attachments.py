"""Files that go with a notice: the same for everybody whom one call tells, kept with its sheet."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

from ffapp.ledger.models import Effect
from ffapp.providers.sendgrid.client import Attachment

__all__ = ["Attachment", "Files", "read", "stored"]

# What a notice about this effect's subject brings with it.
Files = Callable[[Effect], Sequence[Attachment]]


def stored(attachments: Sequence[Attachment]) -> list[Any]:
    """As `mail_sheets.attachments` keeps them."""
    return [
        {
            "filename": each.filename,
            "mimetype": each.mimetype,
            "content": base64.b64encode(each.content).decode(),
        }
        for each in attachments
    ]


def read(rows: Sequence[Any]) -> tuple[Attachment, ...]:
    """What `stored` was given."""
    return tuple(
        Attachment(row["filename"], row["mimetype"], base64.b64decode(row["content"]))
        for row in rows
    )
