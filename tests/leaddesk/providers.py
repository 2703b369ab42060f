"""OpenID providers on this machine: a real one in a process of its own, and one that can lie."""

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.leaddesk.processes import free_port, wait_until
from tests.leaddesk.receivers import answer, receiver

CLIENT, SECRET = "desk", "a secret of the desk"


@contextmanager
def real(*people):
    """A provider as its package starts it; `people` are claims, `sub` among them."""
    port = free_port()
    told = [part for one in people for part in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, "-n", *told], stdout=quiet, stderr=quiet) as process:
        issuer = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: answers(issuer))
            yield issuer
        finally:
            process.kill()


def answers(issuer):
    try:
        with urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


class Provider:
    """Signs what it is told to; `claims`, `key`, `header` and the description can be wrong."""

    def __init__(self):
        self.key, self.stranger = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.signs_with, self.header = self.key, {"alg": "RS256"}
        self.claims, self.described, self.user = {}, {}, {}
        self.asked, self.issuer = {}, ""
        self.status, self.token = 200, None

    def visit(self, url):
        """Somebody is sent here, and agrees; what the browser takes back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return {"state": self.asked["state"], "code": "the code"}

    def play(self, request):
        path = request.line.split()[1]
        if path == "/.well-known/openid-configuration":
            return self._said(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "userinfo_endpoint": f"{self.issuer}/userinfo",
                    **self.described,
                }
            )
        if path == "/jwks":
            return self._said({"keys": [self.key.as_dict(private=False)]})
        if path == "/userinfo":
            return self._said(self.user)
        return self._tokens(parse_qs(request.body.decode()))

    def _tokens(self, form):
        proof = sha256(form["code_verifier"][0].encode()).digest()
        if urlsafe_b64encode(proof).decode().rstrip("=") != self.asked["code_challenge"]:
            return answer(400, b'{"error": "invalid_grant"}')
        signed = jwt.encode(
            self.header, self.claims, self.signs_with, algorithms=["RS256", "HS256"]
        )
        token = signed if self.token is None else self.token
        said = {"id_token": token, "access_token": "access", "token_type": "Bearer"}
        return self._said(said, self.status)

    @staticmethod
    def _said(value, status=200):
        return answer(status, json.dumps(value).encode())


@contextmanager
def lying():
    """A provider that a test can let lie."""
    provider = Provider()
    with receiver(provider.play) as here:
        provider.issuer = f"http://127.0.0.1:{here.port}"
        yield provider
