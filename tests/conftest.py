"""What all tests share."""

import os

from hypothesis import settings

# A build server draws the same examples each time, so that it fails for a change and not by chance;
# everybody else draws new ones.
settings.register_profile("server", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("server")
