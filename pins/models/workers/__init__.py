"""What the processes keep for themselves: heartbeats, slots, the marker of the media folder."""
