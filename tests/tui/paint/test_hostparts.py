from dataclasses import replace

import pytest

from estate.document import Event, Severity
from estate.samples import Reading
from tui.paint import numbers, paint

#: Where the parts begin beside the charts of 120 columns.
TWO_COLUMNS_AT = 84


def lines(boards, name="mta-c03", width=120, height=40, detail=None, board=None, **parts):
    board = board or boards.incident()
    detail = boards.detail(name) if detail is None else detail
    trail = ("home", "hosts", name)
    view = boards.view(
        board, width, height, screen="host", subject=name, trail=trail, detail=detail, **parts
    )
    return paint(view).lines


def text(drawn):
    return "\n".join(line.text for line in drawn)


def test_why_comes_first_with_owner_and_since(boards):
    drawn = text(lines(boards, height=60))
    why = drawn.index("WHY")
    assert why < drawn.index("UNITS") < drawn.index("EVENTS")
    assert "nobody · 3:29" in drawn


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("✘ postfix-policy", "failed 3:06"),
        ("! rsyslog", "inactive"),
        ("· postfix@-", "212 d"),
        ("✘ sdb", "SMART: failed!"),
        ("/var/log ro", "47%"),
        ("! eth1", "1.0 kB/s"),
        ("smtpd ×212", "118%"),
        ("kworker ×8", "?"),
        ("chrony", "+0.4 ms"),
        ("seen from here", "-2 to +11 ms"),
        ("? packages", "no package manager found"),
    ],
)
def test_what_the_probes_found(boards, said, where):
    rows = [line.text for line in lines(boards, width=200, height=60)]
    assert any(said in row and where in row for row in rows), "\n".join(rows)


def test_slow_probes_say_how_old_they_are(boards):
    drawn = text(lines(boards, height=60))
    assert "UNITS  3, 1 failed · 20 s ago" in drawn


def folded_board(boards):
    """The incident, with three hosts of mta that are busy alike, and what was told of it."""
    board = boards.incident()
    since = board.at - 120_000
    alone = next(each for each in board.problems if each.id == "mta-c03/cpu")
    group = replace(
        alone,
        id="group/central/mta/cpu",
        where="mta",
        what="cpu 91–96% on 3 of 16 hosts",
        hosts=("mta-c03", "mta-c04", "mta-c05"),
        since=since,
    )
    mine = replace(alone, parent=group.id)
    others = [each for each in board.problems if each.id != alone.id]
    told = Event(901, since + 5_000, Severity.WARNING, "mta", "cpu on 3 of 16 hosts: mta-c03 …")
    older = Event(900, since - 5_000, Severity.OK, "mta", "memory is fine again")
    elsewhere = Event(902, since + 6_000, Severity.WARNING, "mbx", "cpu on 4 of 9 hosts")
    events = (elsewhere, told, older, *board.events)
    return replace(board, problems=(group, mine, *others), events=events)


def test_a_trouble_in_common_is_told_on_the_page_of_each_of_its_hosts(boards):
    drawn = text(lines(boards, height=90, width=200, board=folded_board(boards)))
    assert "cpu 94% > 90% for 2 min" in drawn
    assert "see mta: cpu 91–96% on 3 of 16 hosts" in drawn
    assert "mta: cpu on 3 of 16 hosts: mta-c03 …" in drawn
    assert "memory is fine again" not in drawn  # before this host had a part in it
    assert "mbx: " not in drawn
    other = text(lines(boards, "mta-c09", height=90, width=200, board=folded_board(boards)))
    assert "see mta" not in other
    assert "mta: cpu on 3" not in other


def test_a_host_behind_a_cause_names_what_the_cause_says(boards):
    drawn = text(lines(boards, "mdb-c01", height=90, width=200))
    assert "see gw-c02: lost: no answer in 10 s" in drawn


def test_events_come_from_the_records_and_the_board_once_each(boards):
    drawn = text(lines(boards, height=90))
    assert drawn.count("/var/spool over 90%") == 1  # event 909 is in both
    bare = replace(boards.detail(), events=())
    assert "/var/spool over 90%" in text(lines(boards, height=90, detail=bare))


def test_a_clock_in_step_has_no_negative_zero(boards):
    reading = Reading("clock_synchronised", "chrony", -0.04, "yes")
    bare = replace(boards.detail(), readings={"clock": (reading,)})
    assert "+0.0 ms" in text(lines(boards, height=90, detail=bare))


def test_a_clock_nobody_keeps_is_a_warning(boards):
    reading = Reading("clock_synchronised", "kernel", float("nan"), "no")
    bare = replace(boards.detail(), readings={"clock": (reading,)})
    assert "! kernel" in text(lines(boards, height=90, detail=bare))


def test_long_lists_are_counted_and_what_is_wrong_is_never_left_out(boards):
    units = (
        *(Reading("unit", f"good{n}.service", text="active") for n in range(30)),
        *(Reading("unit", f"bad{n}.service", text="failed") for n in range(6)),
    )
    drawn = text(
        lines(boards, height=90, detail=replace(boards.detail(), readings={"units": units}))
    )
    assert drawn.count("✘ bad") == 6
    assert "30 more active" in drawn


def test_an_interface_with_errors_says_how_many(boards):
    assert "2.0 errors and drops a second" in text(lines(boards, height=90))


def test_a_host_that_cannot_be_asked_shows_no_last_figures(boards):
    drawn = text(lines(boards, "gw-c02", width=200, height=60))
    assert "Its last figures are not shown: nobody knows them now." in drawn
    for words in ("/var/spool", "smtpd", "eth0", "chrony"):
        assert words not in drawn.replace("/var/spool over", "")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_why_it_cannot_be_asked_and_what_to_do_are_on_the_first_page(boards, width, height):
    drawn = lines(boards, "lb-r02", width=width, height=height)
    said = " ".join(line.text[TWO_COLUMNS_AT if width >= 100 else 0 :].strip() for line in drawn)
    said = " ".join(said.split())
    assert "refused: no key accepted" in said
    assert "Add the watch's key to authorized_keys of ops." in said
    assert "Its last figures are not shown: nobody knows them now." in said
    if width < 100:
        rows = [line.text.strip() for line in drawn]
        why = next(at for at, row in enumerate(rows) if row.startswith("WHY"))
        assert why == 3, "what to do comes before charts of what is not known"
        assert rows.index(next(row for row in rows if row.startswith("CPU"))) > why


def test_a_host_behind_a_cause_shows_the_events_of_the_cause(boards):
    drawn = text(lines(boards, "mta-c13", width=200, height=60))
    assert "gw-c02: live → lost: no answer in 10 s" in drawn


def test_figures_of_a_late_host_are_unknowns(boards):
    drawn = lines(boards, "mbx-r03", width=200, height=60)
    row = next(line for line in drawn if "/var/log" in line.text)
    assert next(span.role for span in row.spans if span.text == "47") == "unk"


def test_sizes_are_rounded_as_the_command_line_rounds_them(boards):
    known = boards.detail("mta-c03")
    sizes = {"/": 251.6, "/boot": 0.5, "/data": 11.96}
    systems = tuple(
        replace(known.filesystems[0], mount=mount, size=size * 2**30)
        for mount, size in sizes.items()
    )
    drawn = lines(boards, detail=replace(known, filesystems=systems))
    ends = [line.text.split() for line in drawn if "━" in line.text]
    shown = [words[-1] for words in ends if words[-2].endswith("%")]
    assert shown == ["252", "0.5", "12.0"]  # and not 251 and 0, as if the half were not there
    assert numbers.size(systems[0].size) == "252 GiB"


def test_a_failing_disk_is_said_even_when_df_says_nothing(boards):
    detail = replace(boards.detail(), filesystems=())
    assert "SMART: failed!" in text(lines(boards, height=90, detail=detail))


def test_an_acknowledged_problem_says_by_whom_and_until_when(boards):
    drawn = text(lines(boards, "mta-r07", width=200, height=60))
    assert "tylee · 2 h 03 · until 08:40" in drawn


def test_words_of_wide_characters_are_wrapped_and_not_cut(boards):
    board = boards.incident()
    words = "磁碟空間不足" * 12
    problems = tuple(replace(each, what=words) for each in board.problems)
    drawn = lines(boards, width=80, height=90, board=replace(board, problems=problems))
    rows = [line.text for line in drawn]
    why = rows[next(at for at, row in enumerate(rows) if row.startswith("   WHY")) :]
    assert words in "".join(row.strip() for row in why)


def test_who_took_a_problem_over_says_by_which_handover(boards):
    board = boards.incident()
    problems = tuple(
        replace(each, owner="wong", until=None, handover="h-1") for each in board.problems
    )
    drawn = text(lines(boards, height=60, board=replace(board, problems=problems)))
    assert "wong · 3:29" in drawn
    assert "by h-1, not acknowledged" in drawn
