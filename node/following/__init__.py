"""What brings people back: what they follow, what is new for them, feed addresses and mail.

All of it is this node's own: nothing here is signed, and no neighbour hears of it.
"""
