"""Every limit of a pin, in one place: rules, counters, help texts and messages read them here.

Sources: Pinterest's POST /pins, its product specifications, and postiz-pinterest.txt for the 500 characters.
"""

TITLE_LENGTH = 100
# The API would take 800; the specification and Pinterest's product pages say 500.
DESCRIPTION_LENGTH = 500
ALT_TEXT_LENGTH = 500
LINK_LENGTH = 2048
COLOR_LENGTH = 7
# A draft may be longer by this factor, until it is shortened. Beyond, it would only make lists slow.
DRAFT_TEXTS = 10

IMAGE_BYTES = 20 * 1024 * 1024
# Decoding takes four to twenty bytes a pixel, by format. Pinterest states no such limit.
IMAGE_PIXELS = 50_000_000
IDEAL_SIZE = (1000, 1500)
# Pinterest's product pages name it as the least that looks good; it is a hint, no rule.
GOOD_WIDTH = 600

# A pin with several images is a carousel.
CAROUSEL_IMAGES = 5

VIDEO_BYTES = 2 * 1024 * 1024 * 1024
# By a link only: a user waits for the answer meanwhile.
LINK_VIDEO_BYTES = 200 * 1024 * 1024
VIDEO_SECONDS = (4, 15 * 60)
# Width divided by height: from 1:2 to 1.91:1.
VIDEO_ASPECT_RATIO = (0.5, 1.91)
VIDEO_CODECS = {"h264": "H.264", "hevc": "H.265"}

IMAGE_TYPES = ("image/jpeg", "image/png")
VIDEO_TYPE = "video/mp4"
EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", VIDEO_TYPE: ".mp4"}

# Ours: of what a team uses again.
TAG_LENGTH = 40
TAGS_PER_PIN = 10
NAME_LENGTH = 80
UTM_LENGTH = 200
