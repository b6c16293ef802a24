"""Handover reports: what one shift tells the next, frozen as a document and rendered for people.

`snapshot.py` is the document, `reading.py` takes it to JSON and back, `telling/` says it in a
language as a `page.Page`, and `rendering/` sets that page as text, Markdown or HTML. All of it is
pure: the same snapshot gives the same bytes wherever and whenever it is rendered.
"""
