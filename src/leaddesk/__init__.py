"""Leaddesk: the server where people work with the agreement that Leadpact runs."""
