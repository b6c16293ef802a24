"""Opening a console, the first paint first: `terminal` for a terminal, `browser` for a page."""
