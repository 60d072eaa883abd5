"""The composer: its form, autosave, and writing what was composed."""
