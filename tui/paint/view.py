"""What a painter is given: the board, the moment, and where the person's attention is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from estate.document import Document, HostDetail, Series
from estate.language import ENGLISH, Words

if TYPE_CHECKING:  # a first paint has none of them
    from estate.handover import Handover, Note
    from estate.past import Moment
    from estate.plans import PlanView, RunbookRow
    from estate.runs import RunRow, RunView

__all__ = ["Asked", "Attention", "HostDetail", "Link", "Printed", "Series", "View"]


@dataclass(frozen=True, slots=True)
class Link:
    """How the console stands to its watch: attached, or lost since when and why.

    `todo` is what the console does about it, in the person's language; "" where they have to.
    """

    attached: bool = True
    lost_at: int | None = None
    why: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """Where the person is: cursor row, scroll, marks, filter, sort, folding.

    `cursor`, `marks` and `unfolded` speak of rows by `Line.key`. A row that stands for folded
    consequences is "fold:" and the key of its cause; either key in `unfolded` unfolds them.
    """

    cursor: str = ""  # Line.key of the cursor row; "" means the first row
    first: int = 0  # first row of the list that is shown; take it from the last `Page.first`
    marks: frozenset[str] = frozenset()
    filter: str = ""
    filter_open: bool = False  # the filter line is being typed
    filter_error: str = ""
    faults_only: bool = False
    sort: str = "state"
    descending: bool = True  # worst or most first; names from a
    unfolded: frozenset[str] = frozenset()
    span: str = "1h"  # charts: 1h, 24h or 7d
    zoom: str = ""
    pane: int = 0  # which host's output of a step is shown, counted from the one it opens with


@dataclass(frozen=True, slots=True)
class Printed:
    """The last lines, cleaned, of what a step printed on a host; `total` bytes are kept of it."""

    run: str
    output: str  # `TaskView.output`
    total: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the console asks of the person before it does something, line by line.

    `given` are (question, answer) pairs of lines that were answered, `say` is the line that is
    being typed, with `before` and `after` its cursor; `left` are the questions still to come.
    `hint` says what may stand there, `wrong` why the last answer could not. `loud` where it can't
    be taken back.
    """

    title: str
    say: str
    before: str = ""
    after: str = ""
    hint: str = ""
    wrong: str = ""
    given: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    loud: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Everything on screen follows from this, and from nothing else.

    `now` is the watch's clock in UTC ms. A board that the person holds still is shown as it was at
    `held_at`, while ages go on to `now`; `heard_at` is when the watch spoke last all the same, None
    for "with `document`". `keys` are the live bindings for the footer and help,
    (key, word) most urgent first, and `bindings` are all of them; `status` is the footer's right
    side ("read-only"). Words of tables are in English here: painters say them in `words`.

    What the run screens add is None until the watch has answered, and `unanswered` says why it did
    not; `runs` are all on record, where the board has those that are open and the last.
    """

    document: Document
    now: int
    width: int
    height: int
    screen: str = "home"
    subject: str = ""  # host name on the host screen
    trail: tuple[str, ...] = ("home",)
    attention: Attention = Attention()
    link: Link = Link()
    detail: HostDetail | None = None
    keys: tuple[tuple[str, str], ...] = ()
    bindings: tuple[tuple[str, str, str, str], ...] = ()  # section, key, words, id: for help
    status: str = "read-only"
    message: str = ""  # one line the console wants to say, until the next key
    words: Words = ENGLISH
    ascii: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()  # what of the person's settings and keys is not used, and why
    held_at: int | None = None
    past_for: int | None = None  # ms since `document`, where the person looks at one of the past
    moments: tuple[Moment, ...] | None = None  # of which boards are kept, newest first
    heard_at: int | None = None
    handover: Handover | None = None  # the last one, of which `notes` says that it was asked for
    notes: tuple[Note, ...] | None = None  # those that are open
    runbooks: tuple[RunbookRow, ...] | None = None
    plan: PlanView | None = None
    runs: tuple[RunRow, ...] | None = None
    run: RunView | None = None
    printed: Printed | None = None
    asked: Asked | None = None
    unanswered: str = ""
    queue_series: tuple[str, Series] | None = None  # a queue's key, and how deep it was
