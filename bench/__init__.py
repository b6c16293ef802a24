"""Benchmarks beside peers, one command each: `python -m bench.NAME --json`."""
