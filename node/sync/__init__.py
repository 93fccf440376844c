"""Real sockets around `protocol.hub`: who is dialled when, and how its effects are carried out."""
