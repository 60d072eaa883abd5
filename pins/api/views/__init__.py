"""What the operations of the API do; importing them adds them to it."""
