"""The console in Textual, which no other room loads: its app, its driver, its one widget."""
