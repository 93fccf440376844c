"""What the rest of a node stands on: its folder, stores and clocks, and whether it may sign."""
