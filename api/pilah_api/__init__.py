"""Every door of Pilah: HTTP, page and command line. Rules live in `services` or below, never in one door."""
