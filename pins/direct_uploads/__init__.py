"""Browsers send large files to the bucket themselves, in parts that are repeated one by one (S3_DIRECT_UPLOADS)."""
