"""Queues: what hosts say of them, added up, judged, shown and kept.

`book.py` holds what was said, `sums.py` adds up the hosts of a site, `levels.py` judges,
`telling.py` has the words, `desk.py` brings it to the board and the records, `routes.py` to the
API.
"""
