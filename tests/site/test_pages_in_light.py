"""Every page at desktop width, light."""

from support.page_tests import *  # noqa: F403

VIEW = "light"
