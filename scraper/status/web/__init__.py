"""The status page: a collection in the browser, read-only, in a process of its own."""
