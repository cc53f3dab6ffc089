"""Speak all protocols on this machine, for a while: `python -m lessons.practice.services`."""

import argparse
import os
import sys
import time

import torch

from lessons.models import load
from lessons.practice.services.desk import Desk
from lessons.practice.services.environment import service_environment
from lessons.practice.services.serving import LocalServices

KEY = "BOOK_SERVICE_KEY"


def main() -> None:
    """Serve until the minutes are over or Ctrl-C is pressed."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.practice.services", description=__doc__
    )
    parser.add_argument("--port", type=int, default=8000, help="where, on 127.0.0.1 (8000)")
    parser.add_argument("--minutes", type=float, default=60, help="for how long (60)")
    options = parser.parse_args()
    key = os.environ.get(KEY)
    if not key:
        sys.exit(f"there is no key: say export {KEY}=… first, with any text that you choose")
    try:
        decoder = load("decoder", source="wheel", dtype=torch.half)
        desk = Desk(decoder, load("encoder", source="wheel"))
        with LocalServices(desk, key, port=options.port) as services:
            print(f"at {services.address} for {options.minutes:g} minutes.")
            print(f"In the terminal where the clients run, set {KEY} as here, and then:")
            for name, value in service_environment(services.address, f"${KEY}").items():
                print(f'export {name}="{value}"')
            print("unset AWS_BEARER_TOKEN_BEDROCK")
            sys.stdout.flush()
            time.sleep(60 * options.minutes)
    except OSError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
