"""The console: the only place that loads Textual."""
