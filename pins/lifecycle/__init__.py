"""The status of a pin: transitions, events and the notifications that follow."""
