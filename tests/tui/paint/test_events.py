from dataclasses import replace

from tui.paint import keys, paint
from tui.paint.view import Attention


def page(boards, height=24, **attention):
    return paint(
        boards.view(
            boards.incident(), 80, height, screen="events", attention=Attention(**attention)
        )
    )


def test_events_stand_under_their_day_with_their_time(boards):
    text = [line.text for line in page(boards).lines]
    assert text.index("   Fri 20 Nov") < text.index("   Wed 18 Nov")
    assert " ✓ 23:57:12  watch   started 0.1.0" in text


def test_what_is_no_host_is_named_whole_too(boards):
    """Among hosts of seven letters "handover" was "han…ver"; a long list is still cut."""
    document = boards.incident()
    first, second, *rest = document.events
    told = (replace(first, where="handover"), replace(second, where="mta-c01, mta-c02, mta-c03"))
    for screen in ("events", "home"):
        shown = boards.view(replace(document, events=(*told, *rest)), 80, 40, screen=screen)
        drawn = [line.text for line in paint(shown).lines]
        assert any(f" handover {first.what[:8]}" in text for text in drawn)
        assert any(f" mta-…c03 {second.what[:8]}" in text for text in drawn)


def test_what_became_well_is_a_tick(boards):
    line = next(line for line in page(boards).lines if "live again" in line.text)
    assert line.text.startswith(" ✓")


def test_faults_only_and_filter(boards):
    assert all(
        key != "event:903"
        for key in keys(
            boards.view(boards.incident(), screen="events", attention=Attention(faults_only=True))
        )
    )
    text = "\n".join(line.text for line in page(boards, filter="where:gw-c02").lines)
    assert "gw-c02  live → lost" in text
    assert "mta-c03 /var/spool" not in text
    assert "1 of 9 match" in text


def test_the_cursor_never_stands_on_a_day(boards):
    for height in (8, 9, 24):
        for key in keys(boards.view(boards.incident(), screen="events")):
            drawn = page(boards, height, cursor=key)
            assert drawn.lines[drawn.cursor].key == key


def test_nothing_is_a_sentence(boards):
    text = [line.text for line in page(boards, filter="nobody").lines]
    assert "   No event matches. esc clears the filter" in text
    text = [line.text for line in paint(boards.view(boards.empty(), 80, 24, screen="events")).lines]
    assert "   Nothing has happened yet." in text


def test_the_day_above_the_first_event_comes_back_with_it(boards):
    first, second, *_ = keys(boards.view(boards.incident(), screen="events"))
    for cursor in (first, second):
        assert page(boards, 9, cursor=cursor, first=1).first == 0
