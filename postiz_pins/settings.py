"""Settings, read from the environment.

docs/configuration.md lists every variable; tests/postiz_pins/test_settings.py compares the two. Where files lie is in
storage_settings.py.
"""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from postiz_pins.database.sqlite import Connection as SqliteConnection
from postiz_pins.operations import sentry
from postiz_pins.user_agent import VERSION

from .environment import (
    A_PORT,
    AMOUNT,
    BOOLEAN,
    COUNT,
    DATABASE,
    EMAIL,
    FERNET_KEYS,
    HOST_NAMES,
    LISTENING,
    LONG_SECRET,
    ORIGIN,
    PING_ADDRESS,
    REDIS,
    SENDER,
    SENTRY_ADDRESS,
    WEB_ADDRESS,
    one_of,
    refuse_wrong,
    setting,
    whole,
)
from .paths import BASE_DIR, DATA_DIR
from .storage_settings import *  # noqa: F403  all of them are settings
from .storage_settings import MEDIA_URL, S3_DIRECT_UPLOADS, bucket_origins, storages

DEBUG = setting("DEBUG", BOOLEAN, False)
SECRET_KEY = setting("SECRET_KEY", required="Set it to 50 or more random characters; 'make run' generates one in var/.")

# The origin that people and Pinterest use: links, the OAuth redirect address and image URLs start with it.
HOST = setting("HOST", LISTENING, "127.0.0.1")
PORT = setting("PORT", A_PORT, 8000)
PUBLIC_URL = setting("PUBLIC_URL", ORIGIN, f"http://localhost:{PORT}")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"

ALLOWED_HOSTS = setting("ALLOWED_HOSTS", HOST_NAMES, [])
# Under https the web server only starts with names that an operator has chosen (wsgi.py); `make run` chooses these.
HAS_CHOSEN_HOSTS = bool(ALLOWED_HOSTS)
_public_host = f"[{_public.hostname}]" if ":" in (_public.hostname or "") else _public.hostname
ALLOWED_HOSTS = ALLOWED_HOSTS or [_public_host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Pinterest. Without an app of one's own, everything goes to the bundled sandbox.
PINTEREST_APP_ID = setting("PINTEREST_APP_ID")
PINTEREST_SANDBOX = not PINTEREST_APP_ID
SANDBOX_PORT = setting("SANDBOX_PORT", A_PORT, 8100)
if PINTEREST_SANDBOX:
    SANDBOX_URL = f"http://localhost:{SANDBOX_PORT}"
    PINTEREST_APP_ID, PINTEREST_APP_SECRET = "sandbox-app", "sandbox-secret"
    _api_url, _oauth_url = f"http://127.0.0.1:{SANDBOX_PORT}/v5", f"{SANDBOX_URL}/oauth/"
else:
    SANDBOX_URL = ""
    PINTEREST_APP_SECRET = setting(
        "PINTEREST_APP_SECRET", required="It is next to the app ID on developers.pinterest.com."
    )
    _api_url, _oauth_url = "https://api.pinterest.com/v5", "https://www.pinterest.com/oauth/"
PINTEREST_API_URL = setting("PINTEREST_API_URL", WEB_ADDRESS, _api_url).rstrip("/")
PINTEREST_OAUTH_URL = setting("PINTEREST_OAUTH_URL", WEB_ADDRESS, _oauth_url)

PINTEREST_MAX_CONCURRENT_POSTS = setting("PINTEREST_MAX_CONCURRENT_POSTS", COUNT, 3)
PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT = setting("PINTEREST_MAX_CONCURRENT_POSTS_PER_ACCOUNT", COUNT, 3)
PINTEREST_MAX_CONCURRENT_UPLOADS = setting("PINTEREST_MAX_CONCURRENT_UPLOADS", AMOUNT, 0)
API_REQUESTS_PER_MINUTE = setting("API_REQUESTS_PER_MINUTE", AMOUNT, 300)
PINTEREST_MEDIA_POLL_SECONDS = setting("PINTEREST_MEDIA_POLL_SECONDS", COUNT, 30)
PINTEREST_MEDIA_STUCK_MINUTES = setting("PINTEREST_MEDIA_STUCK_MINUTES", COUNT, 30)
PINTEREST_IMAGE_SOURCE = setting("PINTEREST_IMAGE_SOURCE", one_of("auto", "url", "base64"), "auto")

# How long after publishing a pin's figures are followed, and for how many days one request asks (at most 90).
PINTEREST_PIN_LOOKBACK_DAYS = setting("PINTEREST_PIN_LOOKBACK_DAYS", COUNT, 730)
_within_90 = whole(1, 90, "1 to 90: Pinterest has no older daily analytics")
PINTEREST_ANALYTICS_WINDOW_DAYS = setting("PINTEREST_ANALYTICS_WINDOW_DAYS", _within_90, 89)
# What an app with Trial access may ask in a day (0: without limit), and how many of those figures never touch.
PINTEREST_CALLS_PER_DAY = setting("PINTEREST_CALLS_PER_DAY", AMOUNT, 1000)
PINTEREST_CALLS_RESERVED = setting("PINTEREST_CALLS_RESERVED", AMOUNT, 400)
# For each account, of the category org_analytics and of org_read alike; Pinterest publishes no figure.
PINTEREST_ANALYTICS_CALLS_PER_MINUTE = setting("PINTEREST_ANALYTICS_CALLS_PER_MINUTE", COUNT, 60)

# Whether the links of scheduled pins are opened from here before publishing (pins/rules/links.py).
CHECK_LINKS = setting("CHECK_LINKS", BOOLEAN, True)

# Whether webhooks may go to private addresses, and by http (accounts/webhooks/sending.py).
ALLOW_PRIVATE_WEBHOOKS = setting("ALLOW_PRIVATE_WEBHOOKS", BOOLEAN, False)

# Fernet keys, the newest first: the first encrypts, all of them decrypt.
TOKEN_ENCRYPTION_KEYS = setting(
    "TOKEN_ENCRYPTION_KEYS",
    FERNET_KEYS,
    required="Set it to one or more Fernet keys, separated by commas; 'make run' generates one in var/.",
)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "accounts.apps.SignInConfig",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_q",
    "postiz_pins",
    "accounts",
    "pins",
    "analytics",
]

MIDDLEWARE = [
    # A probe that asks whether the app is alive knows neither its host name nor its https.
    "postiz_pins.runtime.health.HealthMiddleware",
    "postiz_pins.operations.metrics.MetricsMiddleware",
    "postiz_pins.operations.logs.RequestIds",
    # First, so that no answer leaves without their headers: not a static file, not the refusal of a wrong host.
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "postiz_pins.http.compression.TextCompression",
    "postiz_pins.http.cache_control.private_by_default",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "postiz_pins.http.client_address.ProxyWatch",
    "postiz_pins.operations.proxy_probe.ProxyProbe",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.auth.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.WorkspaceMiddleware",
]

# Of our templates: fields for typed text choose their direction by what is typed.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
ROOT_URLCONF = "postiz_pins.urls"
WSGI_APPLICATION = "postiz_pins.wsgi.application"
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
                "accounts.context_processors.navigation",
                "pins.context_processors.side_bar",
                "pins.context_processors.direct_uploads",
            ],
        },
    },
]

_sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "postiz-pins.sqlite3")}
DATABASES = {"default": setting("DATABASE_URL", DATABASE, _sqlite)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue for the lock from their first statement on instead of failing when they upgrade to it.
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "factory": SqliteConnection}
else:
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = setting("REDIS_URL", REDIS)
if REDIS_URL:
    _REDIS = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    CACHES = {"default": _REDIS, "rate_limits": _REDIS}
else:
    CACHES = {
        "default": {
            "BACKEND": "postiz_pins.database.cache.DatabaseCache",
            "LOCATION": "cache",
            # Django's 300 would let a few hundred addresses push the counters of failed sign-ins out.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        },
        "rate_limits": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rate-limits"},
    }

_in_database = {"orm": "default", "poll": 0.2, "broker_class": "postiz_pins.queueing.DatabaseBroker"}
Q_CLUSTER = {
    "name": "postiz-pins",
    "label": "Queue",
    # Every slot may be busy with a post, one worker with an export and one with webhooks, and there is still room to
    # look at the others.
    "workers": setting("CLUSTER_WORKERS", COUNT, PINTEREST_MAX_CONCURRENT_POSTS + 4),
    # Longer than an upload of 2 GB on the slowest line that our time limits let pass (pinterest/http.py). A worker that
    # hangs ends itself long before (claims.LONGEST_SILENCE).
    "timeout": 24 * 3600,
    # A message counts as lost this long after its prefetch. The clock finds the row without it; the claim in the row
    # makes a repeat harmless.
    "retry": 25 * 3600,
    "queue_limit": 1,
    "max_attempts": 2,
    "save_limit": -1,
    "catch_up": False,
    **({"redis": REDIS_URL} if REDIS_URL else _in_database),
}

AUTH_USER_MODEL = "accounts.User"
# Sessions remember these names, so they stay.
AUTHENTICATION_BACKENDS = [
    "accounts.backends.PasswordBackend",
    "accounts.backends.EmailBackend",
]
# The first one makes new hashes, and remakes at the next sign-in what the others have made.
PASSWORD_HASHERS = [
    f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2", "PBKDF2SHA1", "Scrypt")
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.auth.demo_login.NotPublic"})
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pins:dashboard"
ACCOUNT_ADAPTER = "accounts.auth.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.auth.forms.WorkspaceSignupForm"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# allauth's counters, in the cache. Sentences of accounts/auth/adapters.py and templates/429.html tell their durations.
ACCOUNT_RATE_LIMITS = {
    # In place of allauth's own two, which let strangers lock people out (accounts/auth/sign_in_limits.py). "together"
    # holds where a proxy passes on no address, and so all visitors have the same.
    "login": None,
    "sign_in": "30/m/ip",
    "sign_in_together": "300/m/ip",
    "wrong_password_address": "10/m/ip",
    "wrong_password_address_together": "100/m/ip",
    "wrong_password": "5/5m/key",
    "wrong_password_anywhere": "50/h/key",
    "wrong_password_known_browser": "10/5m/key",
    # Wrong codes of a second step, by person.
    "login_failed": "5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    # Files of one person, by form, script and API together (pins/media/uploads.py).
    "upload": "300/10m/user",
    # Wrong API keys (accounts/api_keys/authentication.py).
    "api_key_failed": "60/m/ip",
    # Unknown links of calendar feeds (pins/calendar_feed/views.py).
    "feed_unknown": "60/m/ip",
}
SOCIALACCOUNT_ADAPTER = "accounts.auth.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"pinterest": {"APPS": [{"client_id": PINTEREST_APP_ID, "secret": PINTEREST_APP_SECRET}]}}
# Plain text is all that allauth's SocialToken can hold; accounts.PinterestAccount keeps the tokens encrypted.
SOCIALACCOUNT_STORE_TOKENS = False
# How many proxies of ours add an address to X-Forwarded-For; behind https stands one
# (postiz_pins/http/client_address.py).
TRUSTED_PROXY_COUNT = setting("TRUSTED_PROXY_COUNT", AMOUNT, 1 if IS_HTTPS else 0)
SIGNUP_OPEN = setting("SIGNUP_OPEN", BOOLEAN, True)

MFA_ADAPTER = "accounts.auth.adapters.MFAAdapter"
MFA_TOTP_ISSUER = "Postiz Pins"
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Browsers know passkeys on https and on localhost only, and never for an address of digits.
HAS_PASSKEYS = not _public.hostname.replace(".", "").isdecimal() and ":" not in _public.hostname
HAS_PASSKEYS = HAS_PASSKEYS and (IS_HTTPS or _public.hostname == "localhost")
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", *(["webauthn"] if HAS_PASSKEYS else [])]
MFA_PASSKEY_LOGIN_ENABLED = True
ACCOUNT_FORMS = {
    "login": "accounts.auth.sign_in_forms.PasswordLoginForm",
    "signup": "accounts.auth.sign_in_forms.PasswordSignupForm",
    "change_password": "accounts.auth.sign_in_forms.PasswordChangeForm",
    "reset_password_from_key": "accounts.auth.sign_in_forms.PasswordResetForm",
}
MFA_FORMS = {
    f"{step.lower()}_webauthn": f"accounts.auth.sign_in_forms.{step}PasskeyForm"
    for step in ("Add", "Authenticate", "Login", "Reauthenticate")
}

EMAIL_CONFIG = setting("EMAIL_URL", EMAIL, {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"})
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL_CONFIG.get("EMAIL_FILE_PATH")
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
# A mail server that does not answer must not hold a page, and the worker that makes it.
EMAIL_TIMEOUT = 10
# A confirmation that is printed to the console is not read. Where e-mail is sent, signing up looks the same to those
# who have an account already: the answer goes to the address.
SENDS_EMAIL = not EMAIL_BACKEND.endswith("console.EmailBackend")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SENDS_EMAIL else "none"
# Else a stranger could sign up with the address of another and lock it with a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = not SENDS_EMAIL
DEFAULT_FROM_EMAIL = setting("DEFAULT_FROM_EMAIL", SENDER, f"Postiz Pins <pins@{_public.hostname}>")

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = ["postiz_pins.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# So much that a text that is too long is told at its field, with all else that was typed (what is more is told by
# accounts/error_views.py). As many files as a person may upload at all within ten minutes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 300
FILE_UPLOAD_HANDLERS = ["pins.media.uploads.DiskUploadHandler"]
STORAGES = {
    "default": storages(),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "postiz_pins.static_files.StaticFilesStorage"
    },
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "accounts.auth.sessions"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
_oauth = urlsplit(PINTEREST_OAUTH_URL)
_media = urlsplit(MEDIA_URL)
_media_origins = [*([f"{_media.scheme}://{_media.netloc}"] if _media.netloc else []), *bucket_origins()]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Profile pictures come from Pinterest; blob: is the preview of a file that is still being uploaded.
        "img-src": [SELF, "data:", "blob:", SANDBOX_URL or "https://*.pinimg.com"] + _media_origins,
        "media-src": [SELF, *_media_origins],
        # The parts of direct uploads.
        "connect-src": [SELF, *(bucket_origins() if S3_DIRECT_UPLOADS else [])],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Chromium applies form-action to the redirect too that leads from "Connect" to the consent page.
        "form-action": [SELF, f"{_oauth.scheme}://{_oauth.netloc}"],
        "frame-ancestors": [NONE],
    }
}

# Requested each minute while all is well (postiz_pins/operations/health_pings.py).
HEALTH_PING_URL = setting("HEALTH_PING_URL", PING_ADDRESS)

LOG_LEVEL = setting("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
LOG_FORMAT = setting("LOG_FORMAT", one_of("text", "json"), "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "postiz_pins.operations.logs.TextFormatter"},
        "json": {"()": "postiz_pins.operations.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    # It reports every message that it passes on.
    "loggers": {"django-q": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

# /metrics is there only with it (postiz_pins/operations/metrics.py).
METRICS_TOKEN = setting("METRICS_TOKEN", LONG_SECRET)
SENTRY_DSN = setting("SENTRY_DSN", SENTRY_ADDRESS)
if SENTRY_DSN:
    sentry.init(SENTRY_DSN, VERSION)

# The last line, when all of them have been read.
refuse_wrong()
