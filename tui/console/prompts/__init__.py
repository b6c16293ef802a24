"""What is typed: a line with its candidates, the `:` commands, forms of many lines. Values."""
