"""Requests and answers beyond Django's own: addresses of clients, uploads, redirects, requests to unknown servers."""
