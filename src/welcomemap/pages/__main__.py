"""``python -m welcomemap.pages SCRIPT [OPTION…]``: ``streamlit run``, with what it lacks."""

from __future__ import annotations

import sys

from streamlit import net_util
from streamlit.web import cli

from welcomemap.errors import WelcomemapError
from welcomemap.pack.load import load_pack
from welcomemap.pages.connections import use_patient_connections

HERE = "127.0.0.1"
BAD_INPUT = 2


def main() -> None:
    """Serve a script until the process is stopped; options are those of ``streamlit run``.

    A pack that is not as it was published is one line and exit status 2, before anything is served.
    """
    try:
        load_pack().verify()
    except WelcomemapError as error:
        sys.stderr.write(f"welcomemap: {' '.join(str(error).split())}\n")
        sys.exit(BAD_INPUT)
    use_patient_connections()
    ask_nobody()
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    cli.main(prog_name="streamlit")


def ask_nobody() -> None:
    """Answer for Streamlit which address this machine has, which it asks other hosts for.

    It would do so when it prints its address and when it judges an origin; both take any answer.
    """
    net_util._internal_ip = HERE
    net_util._external_ip = HERE


if __name__ == "__main__":
    main()
