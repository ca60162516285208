"""The values that travel through the line: frozen, typed, without behaviour of their own."""
