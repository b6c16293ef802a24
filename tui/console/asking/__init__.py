"""What the console asks of its watch, over the socket, and how it holds on to it."""
