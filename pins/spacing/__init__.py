"""How far apart pins of an account with the same image or link should be, and how many a day are too many."""
