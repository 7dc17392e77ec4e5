"""The calls of the HTTP interface, one module per subject; each only translates between HTTP and a use case."""
