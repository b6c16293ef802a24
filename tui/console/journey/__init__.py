"""Where the person is and was, and what they want of their own console. Values."""
