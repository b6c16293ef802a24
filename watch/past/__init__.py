"""Time travel: the board is kept again and again, and the API is asked as of a moment."""
