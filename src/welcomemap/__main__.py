"""``python -m welcomemap`` is the command line."""

from welcomemap.cli import main

if __name__ == "__main__":
    main()
