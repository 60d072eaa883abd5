"""What happens here and concerns apps above, which this one does not know."""

from django.dispatch import Signal

# An account has been connected and can be used. With `account`, and `now` as an aware datetime; a receiver answers with
# a sentence for the person who connected it, or with an empty string.
account_connected = Signal()
