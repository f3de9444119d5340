"""The dashboard's own settings with what a test run needs different, each with its reason."""

import atexit
import os
import shutil
import tempfile

# A folder of its own: a test run must not see, and not touch, anybody's data.
_FOLDER = tempfile.mkdtemp(prefix="dashboard-tests-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["DATA_DIR"] = _FOLDER
# The test client and the live server speak plain HTTP.
os.environ["HTTPS"] = "false"

from symbl_dashboard.settings import *  # noqa: E402, F403
from symbl_dashboard.settings import DATA_DIR, DATABASES, LOGGING, SQLITE  # noqa: E402

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# The real hashers are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because the live server's threads each need a connection; not forced
    # to the disk, because no test survives a power cut anyway.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = SQLITE | {
        "init_command": str(SQLITE["init_command"]).replace("=FULL", "=OFF")
    }
# The log of a failing test is shown by pytest; a passing one stays quiet.
LOGGING |= {"root": {"handlers": ["console"], "level": "ERROR"}}
