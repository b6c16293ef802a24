"""Services in OpenMetrics, read back by prometheus-client's own parser: exact, and never better."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from estate.availability import VantageRow
from estate.document import Document, WatchRow
from tests.watch.ledger.test_accounts import accounts, feed
from watch.openmetrics import page


def document() -> Document:
    book = accounts()
    now = feed(book, "o" * 10 + "x" * 60)
    services, tenants, *_ = book.picture(now)
    board = Document(1, now, "E", "Asia/Hong_Kong", "en", 5_000, WatchRow())
    return replace(board, services=services, tenants=tenants)


def samples(board: Document) -> dict[str, dict[tuple[str, ...], tuple[float, float | None]]]:
    """Value and time of each sample, by its name and labels."""
    found: dict[str, dict[tuple[str, ...], tuple[float, float | None]]] = {}
    for family in text_string_to_metric_families(page(board, {}).decode()):
        for one in family.samples:
            stamp = None if one.timestamp is None else float(one.timestamp)
            found.setdefault(one.name, {})[tuple(v for _, v in sorted(one.labels.items()))] = (
                one.value,
                stamp,
            )
    return found


def test_a_service_its_state_and_how_long_its_probes_took() -> None:
    board = document()
    found = samples(board)
    state = found["twinwatch_service_state"]
    assert [key for key, (value, _) in state.items() if value] == [
        ("mail", "down"),
        ("files", "unknown"),
        ("voice", "unknown"),
    ]
    assert found["twinwatch_service_probe_seconds"] == {("mail",): (0.0025, board.at / 1000)}


def test_a_month_as_it_was_proven_and_as_it_was_not() -> None:
    board = document()
    budget = board.services[0].budget
    assert budget is not None and budget.best is not None and budget.worst is not None
    found = samples(board)
    mail = ("2026-11", "mail")
    for name, value in (
        ("down_seconds", budget.down_ms / 1000),
        ("unknown_seconds", budget.unknown_ms / 1000),
        ("limit_seconds", 1296.0),
        ("left_best_seconds", budget.left_best_ms / 1000),
        ("left_worst_seconds", budget.left_worst_ms / 1000),
    ):
        assert found[f"twinwatch_service_month_{name}"][mail][0] == value
    for name, share in (("best", budget.best), ("worst", budget.worst)):
        told = found[f"twinwatch_service_month_{name}_ratio"][mail][0]
        assert 0 <= Fraction(share) - Fraction(told).limit_denominator(10**9) < Fraction(1, 10**8)
    verdicts = found["twinwatch_service_verdict"]
    assert [key for key, (value, _) in verdicts.items() if value and key[1] == "mail"] == [
        ("2026-11", "mail", "not provable")
    ]
    assert found["twinwatch_service_burn_rate"][("mail", "1h")][0] == budget.burn["1h"]


def test_shares_are_cut_and_never_rounded_up() -> None:
    board = document()
    budget = board.services[0].budget
    assert budget is not None
    nearly = replace(budget, best="999499999999/1000000000000", worst=None)
    board = replace(board, services=(replace(board.services[0], budget=nearly),))
    found = samples(board)
    assert found["twinwatch_service_month_best_ratio"][("2026-11", "mail")][0] == 0.999499999
    assert "twinwatch_service_month_worst_ratio" not in found


def test_vantages_that_speak_and_those_that_do_not() -> None:
    rows = (VantageRow("central", "here"), VantageRow("recovery", "silent", why="refused"))
    found = samples(replace(document(), vantages=rows))
    assert found["twinwatch_vantage_heard"] == {
        ("central",): (1.0, None),
        ("recovery",): (0.0, None),
    }


def test_an_estate_without_services_has_none_of_it() -> None:
    board = replace(document(), services=())
    assert not any("service" in name for name in samples(board))
