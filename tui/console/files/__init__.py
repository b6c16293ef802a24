"""What a console writes: the settings that a person chose, the screens that they took."""
