"""A verb for many: what a list offers for the rows that are chosen on it.

A list draws each of its bulk actions as a form by GET that goes to the action's confirmation page.
There the address names whom it is about: `id=1&id=2`, or `all=1` with the filters of the list.
So the confirmation survives Back and reload, and can be sent to somebody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flask

LARGEST = 2**62
MOST_IDS = 1000  # an address may carry so many; beyond that one chooses all that match


@dataclass(frozen=True)
class BulkAction:
    """`label` is the button's verb, `endpoint` the confirmation page.

    `takes_all`: whether it can also be asked for all rows that match the list's filters.
    """

    label: str
    endpoint: str
    icon: str | None = None
    takes_all: bool = True
    danger: bool = False

    @property
    def url(self) -> str:
        return flask.url_for(self.endpoint)


def selected_ids(every: Callable[[], Sequence[int]] | None = None) -> list[int]:
    """The ids that the request names as `id`, once each; with `all`, those that `every` finds.

    `every` reads the filters of the list from the same address.
    """
    if every is not None and flask.request.values.get("all"):
        return list(every())
    texts = dict.fromkeys(flask.request.values.getlist("id"))
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 20]
    return [each for each in ids if each <= LARGEST][:MOST_IDS]
