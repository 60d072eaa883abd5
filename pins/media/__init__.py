"""The media library: uploads, checks, files made of files, serving."""
