"""One module per step, named v, number, subject; a step is never changed once it was released."""
