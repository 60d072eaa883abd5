"""The workers' side: claims, slots, the request to Pinterest, and what its outcome means."""
