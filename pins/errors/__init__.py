"""What can go wrong between a pin and Pinterest, and what to do about it."""
