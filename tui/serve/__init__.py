"""The console in a browser, to look at: a page on loopback, behind a word of its own."""
