"""What CONTRIBUTING says of a notice is how it is."""

from pathlib import Path

from ffapp.notices import class_scheduled
from ffapp.subscriptions import SUBSCRIPTIONS

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"


def test_the_example_of_a_notice_is_a_real_one_in_forty_lines():
    example = Path(class_scheduled.__file__).read_text()

    assert f"```python\n{example}```" in CONTRIBUTING.read_text()
    assert len(example.splitlines()) <= 40
    assert [each.__name__ for each in SUBSCRIPTIONS["class_scheduled"]] == ["tell_class_scheduled"]
