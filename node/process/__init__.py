"""A node from its folder to a serving process: made, put together, started and taken apart."""
