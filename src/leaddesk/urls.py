"""Addresses of the desk."""

from django.urls import include, path

from leaddesk.api.problems import KINDS
from leaddesk.pages import agreement, design, leads, password, problems, sign_in, status

urlpatterns: list[object] = [
    path("", include("leaddesk.api.app")),
    path("", status.home, name="home"),
    path("status", status.status, name="status"),
    path("design", design.design, name="design"),
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
