"""Every bench, one after the other: `python -m bench`, or `python -m bench home sync`."""

import importlib
import sys

BENCHES = (
    "home",
    "growth",
    "fan_out",
    "whatsapp",
    "sync",
    "attendance",
    "waiting",
    "callbacks",
    "start",
)


def main() -> None:
    wanted = sys.argv[1:] or BENCHES
    sys.argv[1:] = []
    for name in wanted:
        importlib.import_module(f"bench.{name}").main()
        print()


if __name__ == "__main__":
    main()
