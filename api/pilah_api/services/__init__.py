"""Use cases shared by HTTP, page and command line: what one door accepts, every door accepts."""
