"""What a console knows beside the board: a desk for each thing, sans-IO, none knows another."""
