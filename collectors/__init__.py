"""First floor: ask hosts. The only room that knows SSH.

Bytes come in over one long-lived channel a host, and observations (`estate.samples`) go out.
"""
