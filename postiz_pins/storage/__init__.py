"""Where files lie: a folder, or a bucket of S3. Both know the same verbs, and the apps use nothing else."""
