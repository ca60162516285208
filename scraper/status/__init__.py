"""What people look at; reads state, never writes it."""
