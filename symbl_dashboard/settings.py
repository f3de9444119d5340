"""Settings of the dashboard. Every choice an operator has is a variable of `.env.example`."""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from symbl_dashboard import secrets
from symbl_dashboard.folders import private_file, private_folder

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")


def switch(name: str, *, default: bool) -> bool:
    """Return the boolean variable `name`; anything but a clear yes or no is refused."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    text = os.environ.get(name, str(default)).strip().lower()
    if text not in words:
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")
    return words[text]


OWN_DATA_DIR = BASE_DIR / "data"
DATA_DIR = (BASE_DIR / env.str("DATA_DIR", default=str(OWN_DATA_DIR))).resolve()
SECRETS_DIR = DATA_DIR / "secrets"
RECORDINGS_DIR = DATA_DIR / "recordings"
ENGINE_DATA_DIR = DATA_DIR / "engine"
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
for _folder in (DATA_DIR, SECRETS_DIR, RECORDINGS_DIR, ENGINE_DATA_DIR, FILE_UPLOAD_TEMP_DIR):
    private_folder(_folder, own=OWN_DATA_DIR)

DEBUG = switch("DEBUG", default=False)
HTTPS = switch("HTTPS", default=not DEBUG)
SECRET_KEY = env.str("SECRET_KEY", default="") or secrets.secret_key(SECRETS_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_q",
    "heroicons",
    "template_partials",
    "conversations",
    "conversations.engine",
]

MIDDLEWARE = [
    "symbl_dashboard.logging.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "conversations.views.htmx.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "symbl_dashboard.urls"
WSGI_APPLICATION = "symbl_dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# The measured settings of SQLite: without WAL and IMMEDIATE, writers fail with
# "database is locked"; without synchronous=FULL, a power cut may take back the
# `submitting` mark and a recording would be sent twice.
SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;"
    ),
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/dashboard.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # SQLite gives the files beside its database the same mode.
    if Path(DATABASES["default"]["NAME"]).parent == DATA_DIR:
        private_file(Path(DATABASES["default"]["NAME"]), own=OWN_DATA_DIR)
    DATABASES["default"] |= {"OPTIONS": SQLITE, "CONN_MAX_AGE": None}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
    }.items()
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "conversations:list"
LOGOUT_REDIRECT_URL = "sign-in"
SIGN_IN_LINK_MINUTES = 60

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "symbl_dashboard.formats"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed, compressed files need `collectstatic` first; without it the files are
# served from where they lie, so that a fresh clone shows its pages at once.
HASHED_STATIC = switch("HASHED_STATIC", default=False)
_static_folder = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATIC_ROOT = _static_folder if HASHED_STATIC else None
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": RECORDINGS_DIR, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "symbl_dashboard.static.HashedStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Uploads are streamed into the data folder, on the disk where they will stay.
FILE_UPLOAD_HANDLERS = ["conversations.views.uploads.RecordingUploadHandler"]
MAX_RECORDING_BYTES = env.int("MAX_RECORDING_MB", default=2048) * 1024 * 1024
MAX_RECORDING_SECONDS = 4 * 3600

# The speech server. The bundled engine is the default; no vendor's host ever is.
SYMBL_BASE_URL = env.str("SYMBL_BASE_URL", default="http://127.0.0.1:8000/engine").rstrip("/")
ENGINE_ENABLED = switch("ENGINE_ENABLED", default=True)
ENGINE_CREDENTIALS = secrets.engine_credentials(SECRETS_DIR)
SYMBL_APP_ID = env.str("SYMBL_APP_ID", default="") or ENGINE_CREDENTIALS.app_id
SYMBL_APP_SECRET = env.str("SYMBL_APP_SECRET", default="") or ENGINE_CREDENTIALS.app_secret
SYMBL_MAX_JOBS = env.int("SYMBL_MAX_JOBS", default=2)
# Where the speech server reaches this dashboard. Empty: it is not asked to call, only polled.
WEBHOOK_BASE_URL = env.str("WEBHOOK_BASE_URL", default="").rstrip("/")

ENGINE_MAX_JOBS = env.int("ENGINE_MAX_JOBS", default=2)
ENGINE_MEMORY_MB = env.int("ENGINE_MEMORY_MB", default=2048)
ENGINE_MAX_JSON_BYTES = env.int("ENGINE_MAX_JSON_MB", default=20) * 1024 * 1024
# Beyond this computer, webhooks are sent to these hosts alone; recordings are fetched
# from the public internet over https, and from these hosts however they are reached.
ENGINE_WEBHOOK_HOSTS = env.list("ENGINE_WEBHOOK_HOSTS", default=[])
ENGINE_FETCH_HOSTS = env.list("ENGINE_FETCH_HOSTS", default=[])
ENGINE_STRICT = switch("ENGINE_STRICT", default=False)
# As at the vendor's: a task keeps the name its owner had first, and nobody who has lost
# every line to speaker events disappears.
ENGINE_STALE_ASSIGNEES = switch("ENGINE_STALE_ASSIGNEES", default=True)
ENGINE_PRUNE_MEMBERS = switch("ENGINE_PRUNE_MEMBERS", default=False)
# The documents call the job `jobId`, their running examples `id`.
ENGINE_WEBHOOK_ID_FIELDS = ("id",)
# Misbehaviour on demand; for tests of clients, never for earnest.
ENGINE_FAULTS = switch("ENGINE_FAULTS", default=False)
ENGINE_FACTORY = "conversations.engine.recognition.bundled"
# The engine and the dashboard know nothing of each other's code: these names are
# all that one calls of the other.
ENGINE_WAKE = "conversations.queue.wake_engine"
ENGINE_WAKE_LATER = "conversations.queue.wake_engine_later"
ENGINE_WAKE_WEBHOOKS = "conversations.queue.wake_webhooks"
ENGINE_WAKE_WEBHOOKS_LATER = "conversations.queue.wake_webhooks_later"
ENGINE_BEAT = "conversations.pipeline.heartbeat.beat"
ENGINE_HAND_BACK = "conversations.engine.jobs.hand_back"
ENGINE_STATUS = f"{ENGINE_FACTORY}.status"

# The default cluster sends, polls and syncs: its longest task is the sending of one
# large file, for which `timeout` is an hour. The engine's cluster may fetch for an hour
# and then recognise for twice a recording's length, and ends itself then, so `timeout`
# is above that. `retry` is above `timeout` because the broker counts it from the moment
# a task is fetched.
_ENGINE_TIMEOUT = 2 * MAX_RECORDING_SECONDS + 3600 + 600
Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "workers": 2,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 3600,
    "retry": 3700,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "scheduler": False,
    "recycle": 200,
    "guard_cycle": 0.5,
    "label": "Queue",
    "ALT_CLUSTERS": {
        "engine": {
            "workers": 1,
            "queue_limit": 1,
            "timeout": _ENGINE_TIMEOUT,
            "retry": _ENGINE_TIMEOUT + 100,
        },
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# The worker reaches the engine over loopback, and the engine's webhooks the dashboard,
# where there is no TLS to be redirected to.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^engine/", r"^hooks/"]
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# Trust the proxy's word on HTTPS only where a proxy is said to stand in front.
if switch("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "symbl_dashboard.logging.RequestIdFilter"}},
    "formatters": {
        "line": {
            "class": "symbl_dashboard.logging.DiscreetFormatter",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # httpx writes whole addresses at INFO, and a webhook's address is a secret.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        # Takes Django's own handlers away, also those below: they write addresses as they are.
        "django": {"handlers": []},
    },
}
