"""A line on standard error every few seconds, so that a log of a long run stays readable."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
INTERVAL_S = 10


def progress(items: Sequence[T], what: str) -> Iterator[T]:
    start = last = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last >= INTERVAL_S or done == len(items):
            print(f"{what}: {done}/{len(items)}, {now - start:.0f} s", file=sys.stderr, flush=True)
            last = now
