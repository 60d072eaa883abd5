"""What makes a pin valid. Pure functions, without requests and without writing."""
