"""What a session asks of the world around it, and what it is told. Values."""
