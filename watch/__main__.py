"""`python -m watch`: the process that collects, judges and records."""

from watch.main import main

if __name__ == "__main__":
    raise SystemExit(main())
