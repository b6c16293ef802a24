"""Python's search for garbage, as rare as a watch needs it.

A sweep of a thousand hosts makes tens of thousands of rows, dicts and tuples, and none of them in
circles: they are freed as they fall. Looking through all that lives each time 700 are made costs a
host among a thousand a sixth more than one among eighty, and finds nothing.
"""

from __future__ import annotations

import gc

#: New containers before the youngest are looked through: about half a sweep of 1,000 hosts.
YOUNG = 20_000


def look_later() -> None:
    """Look for none until `look_less`: what a start makes is here to stay, and looking through it
    again and again is a tenth of what the imports cost."""
    gc.disable()


def look_less() -> None:
    """Look for garbage seldom, and never among what there is already: it is here to stay."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
