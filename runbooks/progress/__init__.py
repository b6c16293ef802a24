"""How a run goes on, as values: facts go in, the next requests come out. No I/O, no clock."""
