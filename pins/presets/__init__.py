"""What a team uses again in its pins: link presets, snippets, templates, and the pages where they are kept."""
