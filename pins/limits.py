"""Every limit of a pin, in one place: rules, counters, help texts and messages read them here.

Sources: Pinterest's POST /pins, its product specifications, and postiz-pinterest.txt for the 500 characters."""

TITLE_LENGTH = 100
# The API would take 800; the specification and Pinterest's product pages say 500.
DESCRIPTION_LENGTH = 500
ALT_TEXT_LENGTH = 500
LINK_LENGTH = 2048

IMAGE_BYTES = 20 * 1024 * 1024
# Decoding takes four to twenty bytes a pixel, by format. Pinterest states no such limit.
IMAGE_PIXELS = 50_000_000
IDEAL_SIZE = (1000, 1500)

EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png"}
