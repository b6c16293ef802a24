"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

#: What a test says must not depend on how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# Under nohup, or behind a script's &, these are ignored, and every child would inherit that: tests
# that end something by a signal would wait in vain.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """As pytest's own, but short: a Unix socket's path has 107 bytes at most, and pytest's, under
    several workers and with the test's name in it, takes most of them."""
    with TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as directory:
        yield Path(directory).resolve()
