"""What people decide about a pin's way to Pinterest."""
