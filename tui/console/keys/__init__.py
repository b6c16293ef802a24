"""Which keys there are (`keymap`), and what each comes to. Pure."""
