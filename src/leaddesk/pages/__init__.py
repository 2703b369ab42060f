"""Pages: HTML, one file a screen, and what every request passes through."""
