"""One person at one console, without a terminal, a socket or a clock. Begin with `session`."""
