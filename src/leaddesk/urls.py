"""Addresses of the desk."""

from django.urls import include, path

from leaddesk.api.problems import KINDS
from leaddesk.pages import (
    agreement,
    begin,
    calendars,
    channels,
    design,
    leads,
    password,
    people,
    problems,
    settings,
    sign_in,
    status,
    tokens,
    troubles,
    words,
)

urlpatterns: list[object] = [
    path("", include("leaddesk.api.app")),
    path("", status.home, name="home"),
    path("status", status.status, name="status"),
    path("design", design.design, name="design"),
    path("help", words.help_page, name="help"),
    path("begin", begin.begin, name="begin"),
    path("begin/explore", begin.explore, name="explore"),
    path("begin/leave-sample", begin.leave_sample, name="leave-sample"),
    path("troubles", troubles.troubles, name="troubles"),
    path("troubles/send", troubles.send_again, name="troubles-send"),
    path("troubles/release", troubles.release, name="troubles-release"),
    path("settings", settings.settings, name="settings"),
    path("settings/workspace", settings.workspace, name="settings-workspace"),
    path("settings/people", people.people, name="settings-people"),
    path("settings/people/new", people.person, name="settings-person-new"),
    path("settings/people/is/<path:key>", people.person, name="settings-person"),
    path("settings/teams", people.teams, name="settings-teams"),
    path("settings/calendars", calendars.calendars, name="settings-calendars"),
    path("settings/leave", calendars.leave, name="settings-leave"),
    path("settings/channels", channels.channels, name="settings-channels"),
    path("settings/channels/new/<slug:kind>", channels.new_channel, name="settings-channel-new"),
    path("settings/channels/<slug:key>", channels.channel, name="settings-channel"),
    path("settings/channels/<slug:key>/try", channels.try_channel, name="settings-channel-try"),
    path(
        "settings/channels/<slug:key>/secret", channels.new_secret, name="settings-channel-secret"
    ),
    path("settings/tokens", tokens.tokens, name="settings-tokens"),
    path("agreement", agreement.agreement, name="agreement"),
    path("agreement/sign", agreement.sign, name="agreement-sign"),
    path("agreement/in-force", agreement.put_in_force, name="agreement-in-force"),
    path("leads/<path:key>", leads.lead, name="lead"),
    path("sign-in", sign_in.by_password, name="sign-in"),
    path("sign-in/link", sign_in.by_link, name="sign-in-link"),
    path("sign-out", sign_in.out, name="sign-out"),
    path("password", password.password, name="password"),
    path("workspace", sign_in.switch, name="switch"),
    path("problems/", problems.every_kind, {"kinds": KINDS}, name="problems"),
    path("problems/<slug:slug>", problems.kind, {"kinds": KINDS}, name="problem"),
]
handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.absent
handler500 = problems.failed
