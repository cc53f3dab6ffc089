"""Every page on a phone."""

from support.page_tests import *  # noqa: F403

VIEW = "phone"
