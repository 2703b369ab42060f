"""The build compiles the catalogues, so that the wheel and an editable install speak every language."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):  # type: ignore[misc]  # hatchling is there while building
    """Compiles before anything is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (the interface of the hook)
        """Compile every .po file that changed."""
        sys.path.insert(0, self.root)
        from catalogues import compile_newer

        compile_newer()
