"""What the members of a workspace tell each other about a pin."""
