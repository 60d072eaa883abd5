"""Webhooks: programs are told of what happens in a workspace, by signed requests to an address of theirs."""
