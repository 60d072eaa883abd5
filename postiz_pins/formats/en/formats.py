"""How dates are written where no template says how, as in the administration: 24 hours, seconds, the zone named."""

DATETIME_FORMAT = "Y-m-d H:i:s T"
DATE_FORMAT = "Y-m-d"
