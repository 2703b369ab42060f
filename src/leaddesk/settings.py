"""Settings of the desk, all from the environment; `safety` says which are unsafe to run with."""

from pathlib import Path

from leaddesk import environment, journal, safety

safety.force_zone_data()
ENVIRONMENT = environment.read()

MODE = ENVIRONMENT.mode
DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key
HOME = Path(ENVIRONMENT.home)
BASE_URL = ENVIRONMENT.url
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.url] if ENVIRONMENT.url.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "leaddesk.book",
]
MIDDLEWARE = [
    "leaddesk.pages.requests.Requests",
    "leaddesk.pages.vitals.Vitals",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "leaddesk.pages.policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "leaddesk.pages.visitor.Visitors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "leaddesk.urls"
WSGI_APPLICATION = "leaddesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "libraries": {"tongue": "leaddesk.tongue.filters"},
        },
    }
]

DATABASES = {"default": ENVIRONMENT.database}
AUTH_USER_MODEL = "book.User"
AUTHENTICATION_BACKENDS: list[str] = []  # `book.sign_in` lets people in
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("id", "Indonesia"),
    ("th", "ไทย"),
    ("fa", "فارسی"),
]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LOGIN_URL = "/sign-in"

STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True

SECURE_SSL = MODE == "production"
SESSION_COOKIE_NAME = "__Host-sid" if SECURE_SSL else "sid"
SESSION_COOKIE_SECURE = SECURE_SSL
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_SSL else "csrf"
CSRF_COOKIE_SECURE = SECURE_SSL
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "leaddesk.pages.problems.stale_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 86_400 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
SECURE_HSTS_PRELOAD = SECURE_SSL
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ENVIRONMENT.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LOGGING = journal.logging_of(ENVIRONMENT)  # JSON lines, without secrets
