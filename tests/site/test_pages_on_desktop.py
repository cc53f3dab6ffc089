"""Every page at desktop width, dark and light."""

from support.page_tests import *  # noqa: F403

VIEW = "desktop"
