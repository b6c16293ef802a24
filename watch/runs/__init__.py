"""Runs in the watch: begun by people, resumed by themselves, shown to every console.

`office` holds them all; `rooms` marries the engine's ports with storage and collection.
"""
