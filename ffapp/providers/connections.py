"""Whether each provider takes our credentials, asked through the client that the app uses.

`ffapp doctor` asks at once; a page has a run of it made, for a page waits for no provider.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ffapp.core import config, runs
from ffapp.core.config import Settings
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.core.runs import Chunk, Run
from ffapp.providers import registry
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.provider import Provider

KIND = "connections"


@dataclass(frozen=True)
class Connection:
    """What came of asking one provider; `sentence` says what to do where it does not work."""

    provider: str
    simulated: bool
    works: bool
    sentence: str


def check_connection(provider: Provider, settings: Settings) -> Connection:
    """Ask it, within the usual deadline; nothing is sent to anybody."""
    own = settings.of(provider.settings)

    def answer(works: bool, sentence: str) -> Connection:
        return Connection(provider.title, own.simulated, works, sentence)

    try:
        # One deadline for the whole, however many calls it takes.
        with within(settings.provider_deadline_seconds):
            return answer(True, registry.check(provider))
    except Refused as error:
        return answer(False, error.reason)
    except ProviderError as error:
        advice = (
            f"Its simulator should answer at {own.address}."
            if own.simulated
            else f"Look whether {own.address} can be reached from here, or wait."
        )
        return answer(False, f"{error.reason} {advice}")


def start_check(by: Any) -> Run:
    """Have every provider asked, in the caller's transaction."""
    return runs.start(KIND, by, total=len(registry.PROVIDERS), answers=[])


def work(run: Run) -> Iterator[Chunk]:
    """One chunk a provider; its answer is kept among the facts of the run."""
    for index in range(run.position.get("next", 0), len(registry.PROVIDERS)):
        answer = check_connection(registry.PROVIDERS[index], config.current())

        def keep(row: Run, answer: Connection = answer, index: int = index) -> None:
            row.facts = {**row.facts, "answers": [*row.facts["answers"], asdict(answer)]}
            row.position, row.done = {"next": index + 1}, row.done + 1
            if not answer.works:
                row.failed += 1
                row.note_problem(f"{answer.provider}: {answer.sentence}")

        yield keep


def last_answers() -> dict[str, Connection]:
    """Title of the provider → what it answered when it was last asked; one query."""
    newest = runs.latest(KIND, 1)
    answers = newest[0].facts["answers"] if newest else ()
    return {each["provider"]: Connection(**each) for each in answers}
