"""Many drafts as the rows of a table, one pin an image: written, scheduled and made into carousels together."""
