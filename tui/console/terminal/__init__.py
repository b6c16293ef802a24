"""A terminal without Textual: what it can do, bytes to it at its pace, and the first page."""
