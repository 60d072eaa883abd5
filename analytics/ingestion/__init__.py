"""Fetching metrics from Pinterest in the background."""
