"""Every page at desktop width, dark."""

from support.page_tests import *  # noqa: F403

VIEW = "dark"
