"""The metrics of pins: the table of all, and the page of one."""
