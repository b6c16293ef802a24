"""Pure painters: values in, lines out. No clock, no terminal, no Textual."""
