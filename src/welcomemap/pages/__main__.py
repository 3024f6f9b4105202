"""``python -m welcomemap.pages SCRIPT [OPTION…]``: ``streamlit run``, with what it lacks."""

from __future__ import annotations

import os
import sys

from streamlit.web import cli

from welcomemap.errors import WelcomemapError
from welcomemap.pages.door import Names, use_patient_connections
from welcomemap.region.pack import load_pack
from welcomemap.serving import HOSTS_VARIABLE

BAD_INPUT = 2


def main() -> None:
    """Serve a script until the process is stopped; options are those of ``streamlit run``.

    A pack that is not as it was published, or a host's name that is none, is one line and exit
    status 2, before anything is served.
    """
    try:
        load_pack().verify()
        Names(os.environ.get(HOSTS_VARIABLE, "").split(","))
    except WelcomemapError as error:
        sys.stderr.write(f"welcomemap: {' '.join(str(error).split())}\n")
        sys.exit(BAD_INPUT)
    use_patient_connections()
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
