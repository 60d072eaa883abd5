"""Pins that are made together: one image for several boards, or several images for one link, at intervals."""
