"""`python -m fabwright`: the same as the command `fabwright`."""

from fabwright.cli.main import run

if __name__ == "__main__":
    run()
