"""Every figure of what stands on a host has its sentence, and says the figure."""

from __future__ import annotations

from math import inf, nan

import pytest

from estate.thresholds import ON_HOSTS
from watch import words
from watch.standing.words import SENTENCES, sentence


def test_every_metric_has_its_words() -> None:
    assert SENTENCES.keys() == {metric.name for metric in ON_HOSTS}


@pytest.mark.parametrize(
    ("metric", "subject", "value", "said"),
    [
        ("certificate_expires_seconds", "/mail", 12 * 86_400, "certificate mail expires in 12 d"),
        ("certificate_expires_seconds", "/mail", -7_500, "certificate mail expired 2 h 05 ago"),
        ("certificate_expires_seconds", "/mail", nan, "certificate mail now unknown"),
        ("replication_lag_seconds", "/db2", 90, "replication db2 1 min behind"),
        ("backup_overdue_seconds", "/im", inf, "backup im has no copy"),
        ("backup_overdue_seconds", "/im", 3_700, "backup im overdue by 1 h 01"),
        ("security_updates", "", 1, "1 security update waits"),
        ("security_updates", "", 1200, "1,200 security updates wait"),
    ],
)
def test_sentences(metric: str, subject: str, value: float, said: str) -> None:
    unit = next(each.unit for each in ON_HOSTS if each.name == metric)
    assert sentence(metric, subject, value, lambda figure: words.figure(figure, unit)) == said
