"""`make run`: runs `infra.local.run`, and ends cleanly at Ctrl-C, loading included."""

import sys


def main() -> int:
    """Run it; return the exit status, which is 130 after Ctrl-C."""
    try:
        from infra.local import run  # noqa: PLC0415 -- loading it takes long enough to interrupt

        return run.main()
    except KeyboardInterrupt:
        print("\nInterrupted. `make run` goes on where this stopped; `make stop` ends it.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
