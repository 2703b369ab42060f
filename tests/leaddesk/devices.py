"""Devices of people: an authenticator that keeps passkeys, and an app that shows codes."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def text(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """Signs with a real key (ES256), as the browser's answer carries it."""

    def __init__(self, origin="http://localhost", *, is_verifying=True):
        self.origin, self.flags = origin, 0x05 if is_verifying else 0x01
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.handle = token_bytes(32), 0, b""

    def made(self, options):
        """The answer to `navigator.credentials.create`."""
        told = json.loads(options)
        self.handle = data(told["user"]["id"])
        client = self._client("webauthn.create", told["challenge"])
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        kept = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        about = self._about(told["rp"]["id"], 0x40) + kept
        attested = {"fmt": "none", "attStmt": {}, "authData": about}
        return self._answer(client, attestationObject=text(cbor2.dumps(attested)))

    def shown(self, options, **changed):
        """The answer to `navigator.credentials.get`."""
        told = json.loads(options)
        self.count += 1
        client = self._client("webauthn.get", told["challenge"])
        about = self._about(told["rpId"], 0)
        signature = self.key.sign(about + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        fields = {
            "authenticatorData": text(about),
            "signature": text(signature),
            "userHandle": text(self.handle),
        }
        return self._answer(client, **fields | changed)

    def _client(self, kind, challenge):
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _about(self, host, more):
        return sha256(host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _answer(self, client, **response):
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": {"clientDataJSON": text(client), **response},
                "clientExtensionResults": {},
            }
        )


def code(secret, now):
    """What an app shows at an instant."""
    return pyotp.TOTP(secret).at(now // 1_000_000)
