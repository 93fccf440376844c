"""What a person can ask of a node, the same for commands, control socket and pages."""
