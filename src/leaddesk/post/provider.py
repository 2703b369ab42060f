"""The provider: single sign-on by OpenID Connect, with the code flow and PKCE.

Every address that the provider names is checked as that of a webhook is. What the browser carries
to the provider and back (the state) is a seal that says for which workspace it was made; it is good
once, within ten minutes, and only in the browser that holds the cookie which was set with it.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from leaddesk.book import single_sign_on, tries
from leaddesk.book.access import Actor
from leaddesk.book.models import SingleSignOn
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.book.refusal import Refused as NotTaken
from leaddesk.book.seal import opened, sealed
from leaddesk.post.addresses import url_problems
from leaddesk.post.exchange import Answer, fetched, posted
from leaddesk.post.installation import reach

LASTS = 10 * MINUTE
LEEWAY = 60
"""Seconds by which the clocks of the provider and ours may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key that the provider alone has; never by a shared secret, never none."""
_PURPOSE = "state"
_MOST_BYTES = 256 * 1024
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Untrusted(Exception):
    """What a provider answered can't be relied upon; the message says why."""


@dataclass(frozen=True)
class Beginning:
    """Where the browser goes, and what it keeps meanwhile."""

    url: str
    cookie: str


def keep(actor: Actor, given: Mapping[str, Any], now: int) -> SingleSignOn:
    """Set up single sign-on, with an address that this desk may reach. Raises `Refused`."""
    actor.must("manage people")
    issuer = given.get("issuer", "")
    problems = url_problems(issuer, reach().allow, path="issuer") if issuer else []
    if problems:
        raise NotTaken(problems)
    return single_sign_on.keep(actor, given, now)


def described(issuer: str) -> dict[str, Any]:
    """What a provider says of itself. Raises `Untrusted`."""
    from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url

    found = _read(fetched(get_well_known_url(issuer, external=True), {}, reach(), _MOST_BYTES))
    if found.get("issuer") != issuer:
        raise Untrusted(_("The provider calls itself by another address than the one set up."))
    told = OpenIDProviderMetadata(found)
    for name in _ENDPOINTS:
        url = told.get(name)
        if url_problems(url, reach().allow, path=name):
            raise Untrusted(_("The provider names an address that this desk may not reach."))
    return dict(told)


def begin(row: SingleSignOn, back: str, onward: str, now: int) -> Beginning:
    """Send a browser to the provider, which sends it to the address `back`. Raises `Untrusted`."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    told = described(row.issuer)
    kept = {
        "workspace": row.workspace.slug,
        "issuer": row.issuer,
        "state": token_urlsafe(32),
        "nonce": token_urlsafe(32),
        "verifier": token_urlsafe(48),
        "onward": onward,
    }
    url = prepare_grant_uri(
        told["authorization_endpoint"],
        client_id=row.client,
        response_type="code",
        redirect_uri=back,
        scope="openid email profile",
        state=kept["state"],
        nonce=kept["nonce"],
        code_challenge=create_s256_code_challenge(kept["verifier"]),
        code_challenge_method="S256",
    )
    return Beginning(url, sealed(json.dumps(kept), _PURPOSE, now))


def returned(cookie: str, query: Mapping[str, str], now: int) -> dict[str, str]:
    """What `begin` kept, if the browser comes back from there, for the first time. Raises `Untrusted`."""
    text = opened(cookie, _PURPOSE, now, LASTS)
    kept: dict[str, str] = json.loads(text) if text else {}
    if not kept or not query.get("state") or query["state"] != kept["state"]:
        raise Untrusted(_("This sign-in was begun in another browser, or too long ago."))
    if not tries.is_first(f"state {kept['state']}", now):
        raise Untrusted(_("This answer of the provider was used before."))
    if "iss" in query and query["iss"] != kept["issuer"]:
        raise Untrusted(_("The answer comes from another provider than the one that was asked."))
    if "error" in query or not query.get("code"):
        raise Untrusted(_("The provider didn't sign you in."))
    return kept


def claims(
    row: SingleSignOn, kept: Mapping[str, str], code: str, back: str, now: int
) -> dict[str, Any]:
    """What the provider says of whoever came back with a code. Raises `Untrusted`."""
    if row.issuer != kept["issuer"]:
        raise Untrusted(_("The provider was changed while you signed in."))
    told = described(row.issuer)
    tokens = _tokens(row, told, kept["verifier"], code, back, now)
    found = checked(row, told, str(tokens.get("id_token", "")), kept["nonce"], now)
    if "email" in found or "userinfo_endpoint" not in told:
        return found
    return found | _of_user(told, str(tokens.get("access_token", "")), found["sub"])


def checked(
    row: SingleSignOn, told: Mapping[str, Any], token: str, nonce: str, now: int
) -> dict[str, Any]:
    """The claims of an ID token that is the provider's, for us, and of this sign-in.

    Raises `Untrusted`.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    keys = _read(fetched(str(told["jwks_uri"]), {}, reach(), _MOST_BYTES))
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=[*ALGORITHMS])
        options: Any = {
            "iss": {"essential": True, "value": row.issuer},
            "aud": {"essential": True, "value": row.client},
            "exp": {"essential": True},
        }
        expected = {"nonce": nonce, "client_id": row.client}
        told_claims = CodeIDToken(found.claims, found.header, options, expected)
        told_claims.validate(now=now // SECOND, leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = _("The provider's answer isn't valid: %s.")
        raise Untrusted(why % type(error).__name__) from None
    subject = found.claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) < 256:
        raise Untrusted(_("The provider's answer doesn't say whom it is about."))
    return dict(found.claims)


def _tokens(
    row: SingleSignOn, told: Mapping[str, Any], verifier: str, code: str, back: str, now: int
) -> dict[str, Any]:
    secret = single_sign_on.secret_of(row, now)
    if secret is None:
        raise Untrusted(_("The secret of the provider can't be read any longer; enter it again."))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if "client_secret_basic" in told.get(
        "token_endpoint_auth_methods_supported", ["client_secret_basic"]
    ):
        headers["Authorization"] = _basic(row.client, secret)
    else:
        form |= {"client_id": row.client, "client_secret": secret}
    body = urlencode(form).encode()
    return _read(posted(str(told["token_endpoint"]), body, headers, reach(), _MOST_BYTES))


def _basic(client: str, secret: str) -> str:
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _of_user(told: Mapping[str, Any], token: str, subject: str) -> dict[str, Any]:
    """What the provider says beside the ID token, of the same person."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if any(sign in token for sign in "\r\n"):
        raise Untrusted(_("The provider's answer can't be read."))
    found = _read(fetched(str(told["userinfo_endpoint"]), headers, reach(), _MOST_BYTES))
    if found.get("sub") != subject:
        raise Untrusted(_("The provider's answers are about two people."))
    return {name: found[name] for name in ("email", "email_verified", "name") if name in found}


def _read(answer: Any) -> dict[str, Any]:
    """The JSON object of an answer. Raises `Untrusted`."""
    if not isinstance(answer, Answer):
        raise Untrusted(answer.why)
    try:
        found = json.loads(answer.body) if answer.status == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        why = _("The provider's answer can't be read (status %s).")
        raise Untrusted(why % answer.status)
    return found
