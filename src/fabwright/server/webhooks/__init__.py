"""Webhooks: who wants to hear of what, and the carrying of it there although workers die and receivers are away."""
