"""Pure painters: values in, lines out. No clock, no terminal, no Textual.

`paint(view)` draws the screen that the view names; `keys(view)` tells the rows of its list, shown
or not, so that a cursor can walk through them.
"""

from tui.paint.screens import keys, paint

__all__ = ["keys", "paint"]
