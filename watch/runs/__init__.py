"""Runs in the watch: begun by people, resumed by themselves, shown to every console.

`desk` holds them all; `asked` is the desk in the plain values of the API; `rooms` marries the
engine's ports with storage and collection.
"""
