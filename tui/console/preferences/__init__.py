"""What a person wrote for their console: files, read strictly, with line numbers."""
