"""Which effects a line of the log is about."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

AT_MOST = 20  # of a batch of a thousand; the others share their fate and their neighbours' lines


@contextmanager
def about(effect_ids: Sequence[int]) -> Iterator[None]:
    """Every line that is logged in the block carries `effects`; so does what breaks it."""
    effects = list(effect_ids[:AT_MOST])
    with bound_contextvars(effects=effects):
        try:
            yield
        except Exception as error:
            # Whoever logs it has left this block, and knows no effects any more.
            error.effects = getattr(error, "effects", effects)  # type: ignore[attr-defined]
            raise
