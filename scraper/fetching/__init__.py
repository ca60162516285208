"""How to ask a server: politely, safely, bounded."""
