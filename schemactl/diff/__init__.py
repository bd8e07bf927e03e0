"""What changed between two states of the schemas, additions too, and the version that this asks for."""
