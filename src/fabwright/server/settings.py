"""Django settings. Everything an installation may change comes from `fabwright.server.environment`."""

from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext

from fabwright import __version__
from fabwright.server.environment import Environment

django_stubs_ext.monkeypatch()  # lets classes say what they hold at run time too: ModelAdmin[Company]

_environment = Environment.read()

SECRET_KEY = _environment.secret_key
DEBUG = False
ALLOWED_HOSTS = ["*"]  # addresses in answers come from BASE_URL or the called address; nothing trusts the Host header
DATA = _environment.data
BLOBS = _environment.blobs
BLOBS_BACKUP = _environment.blobs_backup
BASE_URL = _environment.base_url
SIGNED_URL_S = _environment.signed_url_s
WEBHOOK_ALLOW = _environment.webhook_allow

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "procrastinate.contrib.django",
    "fabwright.server.common",
    "fabwright.server.jobs",
    "fabwright.server.projects",
    "fabwright.server.designs",
    "fabwright.server.production",
    "fabwright.server.workshop",
    "fabwright.server.reports",
    "fabwright.server.quality",
    "fabwright.server.catalog",
    "fabwright.server.sorting",
    "fabwright.server.scanning",
    "fabwright.server.recognition",
    "fabwright.server.webhooks",
]
AUTH_USER_MODEL = "common.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "fabwright.server.common.middleware.refuse_oversized_bodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "fabwright.server.urls"
WSGI_APPLICATION = "fabwright.server.wsgi.application"
APPEND_SLASH = False  # a redirect would lose the body of a POST; a path without its slash is a plain 404
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "fabwright.server.common.postgresql",
        "NAME": parts.path.lstrip("/") or "postgres",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(_environment.database_url or "postgresql:///fabwright")}

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

# Uploads: files above 2 MiB go to disk; the body as a whole is bounded by MAX_UPLOAD_BYTES before it is read.
MAX_UPLOAD_BYTES = 512 * 1024 * 1024
MAX_JSON_BYTES = 64 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["fabwright.server.common.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["fabwright.server.common.authentication.HasCompany"],
    "DEFAULT_RENDERER_CLASSES": ["fabwright.server.common.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "fabwright.server.common.json.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["fabwright.server.common.filters.StrictFilterBackend"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "fabwright.server.common.json.AnswerInOurOwnType",
    "EXCEPTION_HANDLER": "fabwright.server.common.errors.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "UNICODE_JSON": True,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": None,  # the OpenAPI document says what a resource is; OPTIONS answers 405
}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token", "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fabwright",
    "DESCRIPTION": "Production backend for digital factories: making (/api/v2/) and checking (/api/).",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],  # its naming of enums stumbles over those that other libraries describe
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"fabwright": {"level": "INFO"}},
}
