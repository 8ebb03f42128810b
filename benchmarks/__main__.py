"""`make bench`, or `python -m benchmarks TOPIC ...` for some of them: every bench_<topic>.py prints its table."""

import importlib
import sys
from pathlib import Path

from rich.console import Console


def topics() -> list[str]:
    """What can be measured."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def run(chosen: list[str]) -> int:
    """Prints the tables of the chosen topics, all when none is chosen; 2 for a topic that does not exist."""
    unknown = sorted(set(chosen) - set(topics()))
    if unknown:
        print(f"benchmarks: no topic {', '.join(unknown)}; there are: {', '.join(topics())}", file=sys.stderr)
        return 2
    console = Console()
    for topic in chosen or topics():
        console.rule(topic)
        importlib.import_module(f"benchmarks.bench_{topic}").main()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
