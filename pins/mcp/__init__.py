"""The tools of MCP (Model Context Protocol), by which assistants work with the API's functions."""
