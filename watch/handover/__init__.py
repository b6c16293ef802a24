"""Handovers as the watch makes them: everything that it knows, frozen for `snapshots`.

`duty.py` says whose shift it is, `unseen.py` what nobody saw, `freezing.py` puts both and the board
into one document, and `routes.py` gives it to whoever asks.
"""
