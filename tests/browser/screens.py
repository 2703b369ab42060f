"""The screens of the desk: where each is, and who of the sample looks at it there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """One screen of a route. Without a path it is the place that furnishing noted by its name."""

    route: str
    path: str = ""
    who: str | None = "rita"
    name: str = ""

    def __str__(self):
        return self.name or self.route


SCREENS = [
    Screen("sign-in", "/sign-in", None),
    Screen("sign-in-mail", "/sign-in/mail", None),
    Screen("sign-in-sso", "/sign-in/sso", None),
    Screen("sign-out", "/sign-out"),
    Screen("password", "/password"),
    Screen("account", "/account", "ana"),
    Screen("account-authenticator", "/account/authenticator"),
    Screen("account-passkeys", "/account/passkeys"),
    Screen("account-recovery-codes", "/account/recovery-codes"),
    Screen("status", "/status"),
    Screen("design", "/design"),
    Screen("help", "/help"),
    Screen("begin", "/begin"),
    Screen("today", "/today", "nora"),
    Screen("queue", "/queue", "ana"),
    Screen("queue", "/queue?whose=all", "nora", "queue-of-all"),
    Screen("queue", "/queue?q=nobody+has+this", "ana", "queue-empty"),
    Screen("follow-up", "/follow-up", "nora"),
    Screen("keep-in-touch", "/follow-up/keep-in-touch?whose=all", "nora"),
    Screen("lead", "", "ana"),
    Screen("lead", "", "ana", "urgent"),
    Screen("leads", "/leads", "nora"),
    Screen("leads", "/leads?q=nobody+has+this", "nora", "leads-empty"),
    Screen("lead-new", "/leads/new", "ana"),
    Screen("leads-keep-view"),
    Screen("bulk-acts", "/bulk", "nora"),
    Screen("bulk", "", "nora"),
    Screen("companies", "/companies"),
    Screen("company-new", "/companies/new"),
    Screen("company"),
    Screen("company-edit"),
    Screen("contacts", "/contacts"),
    Screen("contact"),
    Screen("contact-edit"),
    Screen("merge-leads"),
    Screen("merge-companies", "/merge/companies"),
    Screen("imports", "/imports", "rita"),
    Screen("import-new", "/imports/new"),
    Screen("import-file"),
    Screen("import-map"),
    Screen("import-check"),
    Screen("import-try"),
    Screen("import-result"),
    Screen("agreement", "/agreement", "nora"),
    Screen("agreement-propose", "/agreement/propose", "mia"),
    Screen("agreement-difference", "/agreement/difference", "mia"),
    Screen("agreement-history", "/agreement/versions", "mia"),
    Screen("agreement-version", "", "mia"),
    Screen("agreement-text", "", "mia"),
    Screen("agreement-signing", "", "mia"),
    Screen("agreement-evidence", "", "mia"),
    Screen("plan", "/plan", "mia"),
    Screen("plan-figure", "", "mia"),
    Screen("scoreboard", "/scoreboard", "nora"),
    Screen("figure", "", "nora"),
    Screen("stand-up", "/stand-up", "nora"),
    Screen("troubles", "/troubles"),
    Screen("settings", "/settings"),
    Screen("appearance", "/settings/appearance", "ana"),
    Screen("settings-workspace", "/settings/workspace"),
    Screen("settings-people", "/settings/people"),
    Screen("settings-person-new", "/settings/people/new"),
    Screen("settings-person"),
    Screen("settings-teams", "/settings/teams"),
    Screen("settings-calendars", "/settings/calendars"),
    Screen("settings-leave", "/settings/leave"),
    Screen("settings-channels", "/settings/channels"),
    Screen("settings-channel-new", "/settings/channels/new/email"),
    Screen("settings-channel"),
    Screen("settings-tokens", "/settings/tokens"),
    Screen("settings-sign-in", "/settings/sign-in"),
    Screen("settings-invitations", "/settings/invitations"),
    Screen("problems", "/problems/"),
    Screen("problem"),
]

NO_SCREENS = {
    "home": "leads to the first room of who comes",
    "leads-view": "leads to the list with the filters of the view",
    "queue-rows": "a part of the queue",
    "queue-gone": "a sentence for the queue",
    "import-progress": "a part of the pages of an import",
    "import": "leads to the step where an import stands",
    "import-problems": "a file",
    "account-authenticator-code": "an image",
    "sign-in-link": "of a link that works once: test_sign_in walks through it",
    "sign-in-second": "between two steps of signing in",
    "sign-in-passkey": "the challenge for a passkey, for its script",
    "sign-in-sso-begin": "leads to the provider",
    "sign-in-sso-back": "where the provider leads back to",
    "invitation": "of a link that works once: test_sign_in walks through it",
    "account-required": "while a workspace demands a second factor",
    "contact-erase": "takes forms alone",
    "settings-channel-secret": "shown once, after a form was sent",
}
"""Addresses that answer to a look, and are no screen of their own, or none that can be looked at again."""
