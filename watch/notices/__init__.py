"""Who is told of problems elsewhere than on the board: rules, what is due, and sending it."""
