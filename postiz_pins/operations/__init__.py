"""What operators watch and run: heartbeats, the status page, health checks, metrics, logs, backups."""
