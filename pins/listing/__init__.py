"""The list of a workspace's pins: its tabs, filters, order and pages."""
