from dataclasses import replace

from tui.paint import paint


def page(boards, board="incident", width=80, height=24, **parts):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    return paint(boards.view(document, width, height, **parts))


def text(page):
    return [line.text for line in page.lines]


def test_the_pulse_is_weighted_by_cores(boards):
    board = boards.big(2, 1)
    first, second = board.hosts.values()
    rows = {
        "a": replace(first, name="a", cores=30, values={"cpu": 10.0, "disk": 9.0}),
        "b": replace(second, name="b", cores=10, values={"cpu": 50.0}),
    }
    assert "cpu 20% of 40 cores" in text(page(boards, replace(board, hosts=rows)))[2]
    assert "mem ?" in text(page(boards, replace(board, hosts=rows)))[2]


def test_nothing_stale_is_summed_and_it_is_said_since_when(boards):
    shown = text(page(boards, "restored", 120, 40))
    assert shown[3] == "   Nothing measured since 02:07:11."
    board = boards.restored()
    older = {name: replace(row, at=row.at - 86_400_000) for name, row in board.hosts.items()}
    shown = text(page(boards, replace(board, hosts=older), 120, 40))
    assert shown[3] == "   Nothing measured since 19 Nov 02:07:11."


def test_what_was_never_measured_has_no_time(boards):
    board = boards.restored()
    new = {name: replace(row, at=None, values={}) for name, row in board.hosts.items()}
    shown = text(page(boards, replace(board, hosts=new), 120, 40))
    assert shown[3] == "   Nothing measured yet."


def test_of_what_the_first_samples_do_not_say_no_sum_is_made(boards):
    board = boards.big(2, 1)
    rows = {name: replace(row, values={"net_in": 1.0}) for name, row in board.hosts.items()}
    shown = text(page(boards, replace(board, hosts=rows), 120, 40))[3]
    assert "cpu" in shown
    assert "cores" not in shown
    assert " 0 " not in shown


def test_figures_of_hosts_that_cannot_be_asked_are_left_out(boards):
    assert "of 536 cores" in text(page(boards))[2]
    assert "of 632 cores" in text(page(boards, "calm"))[2]


def test_the_fullest_disk_can_be_clicked(boards):
    line = page(boards, width=120, height=40).lines[3]
    assert line.text.endswith("fullest mta-c03 91%")
    assert ("open", "host", "mta-c03") in {span.action for span in line.spans}


def test_what_has_no_room_is_left_out_whole(boards):
    for width in (20, 30, 40, 60):
        line = text(page(boards, width=width))[2]
        assert not line.endswith("…")
        assert len(line) < width
