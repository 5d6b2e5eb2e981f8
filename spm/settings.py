"""Settings. Everything that differs between installations comes from the environment; nothing else does.

`ENVIRONMENT` lists every variable that is read, with one sentence each; `.env.example`, `docker-compose.yml` and docs/operator.md are
tested against it.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

ENVIRONMENT: dict[str, str] = {
    "SECRET_KEY": "Signs sessions and links. Required; at least 50 random characters.",
    "SECRET_KEY_FALLBACKS": "Earlier secret keys, separated by commas: what they signed or encrypted still opens. Default: none.",
    "DEBUG": "1 shows error details. Never in production. Default 0.",
    "DATABASE_URL": "PostgreSQL as the app's role, which owns nothing and can't bypass row-level security.",
    "MIGRATION_DATABASE_URL": "PostgreSQL as the owner role, used by migrate, upgrade and restore only.",
    "BACKUP_DATABASE_URL": "PostgreSQL as a role that may dump every company. Default: MIGRATION_DATABASE_URL.",
    "REDIS_URL": "Redis or Valkey: Celery's broker and the cache.",
    "ALLOWED_HOSTS": "Host names this installation answers to, separated by commas.",
    "CSRF_TRUSTED_ORIGINS": "Origins with scheme that may post forms, separated by commas.",
    "TRUSTED_PROXY_COUNT": "How many proxies stand in front: attempts to sign in are then counted per visitor, not per proxy. Default 0.",
    "METRICS_TOKEN": "Bearer token that may read /metrics; empty closes it.",
    "EMAIL_URL": "Where mail goes, such as smtp+tls://user:password@host:587; default: files below SPM_DATA.",
    "DEFAULT_FROM_EMAIL": "Sender of mail.",
    "SPM_EMBEDDED": "1 when the embedded servers of make demo are used: loopback and plain HTTP only.",
    "SPM_DATA": "Folder for uploads, mail files and backups.",
    "WEB_BIND": "Address that the embedded web server binds; must be loopback there.",
    "PORT": "Port of the web server.",
}

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to at least 50 random characters; `make demo` makes its own."
    )
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
EMBEDDED = env.bool("SPM_EMBEDDED", default=False)
DATA_DIR = Path(env.str("SPM_DATA", default=str(BASE_DIR / ".run" / "data")))
WEB_BIND = env.str("WEB_BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
if EMBEDDED and WEB_BIND not in ("127.0.0.1", "localhost", "::1"):
    raise ImproperlyConfigured(
        f"WEB_BIND is {WEB_BIND}, but the embedded servers speak plain HTTP and are for this machine only. "
        "Bind 127.0.0.1, or run real servers with DATABASE_URL and REDIS_URL."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HOOKS_LOOPBACK = False  # Webhooks go to this machine in tests only: no variable and no page changes it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

INSTALLED_APPS = [
    "spm.tenancy",
    "spm.identity",
    "spm.audit",
    "spm.people",
    "spm.roles",
    "spm.crm",
    "spm.jobs",
    "spm.notices",
    "spm.hooks",
    "spm.approvals",
    "spm.web",
    "spm.demo",
    "planning",
    "incentives",
    "insights",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "spm.web.health.HealthMiddleware",
    "spm.web.telemetry.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "spm.web.middleware.ScopeMiddleware",
]

ROOT_URLCONF = "spm.urls"
WSGI_APPLICATION = "spm.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "csp.context_processors.nonce",
            ],
            "builtins": ["spm.web.templatetags.spm"],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://spm_app@127.0.0.1:5432/spm")}
if env.str("MIGRATION_DATABASE_URL", default=""):
    DATABASES["owner"] = env.db_url("MIGRATION_DATABASE_URL")
for _database in DATABASES.values():
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True
BACKUP_DATABASE_URL = env.str("BACKUP_DATABASE_URL", default="") or env.str("MIGRATION_DATABASE_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "spm",
        "KEY_FUNCTION": "spm.tenancy.scope.cache_key",
    }
}

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional" if EMBEDDED else "mandatory"
ACCOUNT_ADAPTER = "spm.identity.adapter.AccountAdapter"
MFA_ADAPTER = "spm.identity.adapter.MFAAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ACCOUNT_FORMS = {"signup": "spm.identity.forms.CompanySignupForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EMBEDDED or DEBUG
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = 60 * 60 * 12

_SECURE = not (EMBEDDED or DEBUG)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _SECURE
if _SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a quota grid of a large company
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="spm@localhost")

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("CELERY_VISIBILITY_TIMEOUT", default=900),
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
ENVIRONMENT["CELERY_VISIBILITY_TIMEOUT"] = "Seconds after which an unacknowledged task is delivered again. Default 900."

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["spm.web.api.ScopeAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["spm.web.api.ActionPermission", "spm.web.api.KnownQuery"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "spm.web.api.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["spm.web.api.CompanyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"company": "6000/hour", "import": "120/hour"},
    "EXCEPTION_HANDLER": "spm.web.api.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
REST_KNOX = {
    "TOKEN_MODEL": "identity.ApiToken",
    "AUTH_HEADER_PREFIX": "Token",
    "TOKEN_TTL": None,
    "AUTO_REFRESH": False,
}
KNOX_TOKEN_MODEL = "identity.ApiToken"
SPECTACULAR_SETTINGS = {
    "TITLE": "Sales performance management API",
    "DESCRIPTION": "Facts, people, quotas, plans, runs and statements of one company.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": "spm.jobs.models.JobState",
        "UploadStateEnum": "spm.crm.models.UploadState",
        "HeldStateEnum": "spm.crm.models.HeldState",
        "RunStateEnum": "incentives.models.RunState",
        "PlanStandingEnum": "incentives.models.Standing",
        "DeliveryStateEnum": "spm.hooks.models.DeliveryState",
        "ApprovalStateEnum": "spm.approvals.models.ApprovalState",
        "ApprovalBasisEnum": "spm.approvals.models.Basis",
        "ApprovalMeasureEnum": "spm.approvals.models.Measure",
        "RoleEnum": "spm.roles.models.Role",
        "BasisEnum": "incentives.engine.expense.words.Basis",
        "MeasureEnum": "planning.models.QuotaMeasure",
        "ReliefKindEnum": "planning.models.ReliefKind",
        "LetterStepEnum": "planning.models.LetterStep",
        "QuotaPlanStateEnum": "planning.models.QuotaPlanState",
        "BooksStateEnum": "incentives.models.BooksState",
        "JournalKindEnum": "incentives.models.JournalKind",
        "SplitKindEnum": "spm.crm.models.SplitKind",
        "AttributeTypeEnum": "spm.crm.feeds.attributes.TYPES",
        "FactKindEnum": "spm.crm.feeds.schemas.KINDS",
        "DisputeReasonEnum": "incentives.models.DisputeReason",
        "DisputeStateEnum": "incentives.models.DisputeState",
        "LedgerExportBasisEnum": "incentives.models.ExportBasis",
        "CauseKindEnum": "incentives.selectors.causes.Kind",
        "BalanceStateEnum": "planning.models.BalanceState",
        "SkillKindEnum": "spm.people.models.SkillKind",
        "TileGroupEnum": "insights.engine.dashboards.BY",
        "ArticleKindEnum": "insights.models.ArticleKind",
        "ArticleStateEnum": "insights.models.ArticleState",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "spm.web.telemetry.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.DisallowedHost": {"level": "ERROR"}},
}

DATABASE_HOST = urlsplit(env.str("DATABASE_URL", default="")).hostname
