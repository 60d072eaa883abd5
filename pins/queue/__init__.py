"""The queue of an account: its weekly publishing times, the places that are free, and the pins that wait in them."""
