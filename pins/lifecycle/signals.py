"""What happens to pins and concerns the rooms above, which this one does not know (pins/webhooks.py).

Sent in the transaction that writes it; what a receiver raises undoes it.
"""

from django.dispatch import Signal

# With `happened`, a sequence of pairs of a WebhookEvent and a Pin, and `now` as an aware datetime. The rows hold what
# the events tell of; the objects may be older.
pins_changed = Signal()
# With `pin_import`, and `now` as an aware datetime.
import_finished = Signal()
