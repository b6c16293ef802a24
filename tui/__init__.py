"""The top floor: what a person sees. Command line (`tui.commands`), console (`tui.console`).

`tui.paint` turns values into lines of text with roles, and knows neither Textual nor colours; it
draws for the console, for `--plain`, for commands and for exports alike. Nothing here ever talks
to a host.
"""
