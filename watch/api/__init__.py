"""The watch's API: HTTP over a Unix socket, JSON, a stream of changes, OpenAPI and OpenMetrics.

FastAPI describes and routes; the answers are written by `estate.wire`. The board, the records and
what steers the watch have their routes here, every other part in a `routes.py` of its own.
"""
