"""Who a request comes from, what they see, and what they may do there."""

import base64
import binascii
import json
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}
LONGEST_JWT = 600
CLOCK_SKEW = 60


class Refused(Exception):
    """GitHub says no. `errors` makes it a validation error."""

    def __init__(self, status, message, errors=None, headers=None):
        super().__init__(message)
        self.status, self.message, self.errors, self.headers = status, message, errors, headers or {}


def invalid(resource, field=None, code="custom", message=None, value=None):
    """422 "Validation Failed" with one reason."""
    error = {"resource": resource, "code": code}
    if field is not None:
        error["field"] = field
    if message is not None:
        error["message"] = message
    if value is not None:
        error["value"] = value
    return Refused(422, "Validation Failed", [error])


class Identity:
    """An anonymous caller, a token, or an app by its JWT."""

    def __init__(self, token=None, app=None):
        self.token, self.app = token, app

    @property
    def kind(self):
        return "app" if self.app else self.token.kind if self.token else "anonymous"

    @property
    def account(self):
        return self.token.account if self.token else None

    @property
    def bot(self):
        return self.kind in ("installation", "actions")

    def level(self, permission):
        if self.token is None:
            return 0
        if permission == "metadata":
            return 1
        return LEVELS.get(self.token.permissions.get(permission, "none"), 0)

    def holds(self, repository):
        """Was the token given this repository?"""
        if self.token is None or not self.token.permissions:
            return False
        given = self.token.repositories
        return given is None or repository.full_name.lower() in (name.lower() for name in given)

    def sees(self, repository):
        return not repository.private or self.holds(repository)

    def require(self, repository, wanted):
        """`wanted`: alternatives, each permission → level. 404 for what must not be known to exist."""
        if not self.sees(repository):
            raise Refused(404, "Not Found")
        reading = any(level == "read" for _, level in wanted)
        if self.token is None:
            if reading and not repository.private:
                return
            raise Refused(401, "Requires authentication")
        if reading and not repository.private and not self.bot:
            return
        if self.holds(repository) and any(self.level(name) >= LEVELS[level] for name, level in wanted):
            return
        if reading and not repository.private:
            return
        raise Refused(403, f"Resource not accessible by {'integration' if self.bot else 'personal access token'}")


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def key_pair():
    """A private key as GitHub hands it out (PKCS #1), and its public half; PEM both."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def app_of(world, jwt):
    """The app that signed a JWT, or a refusal with GitHub's words."""
    try:
        head, claims, signature = jwt.split(".")
        header, claims_value = json.loads(decoded(head)), json.loads(decoded(claims))
        signed = decoded(signature)
    except (ValueError, binascii.Error):
        raise Refused(401, "A JSON web token could not be decoded") from None
    issuer = str(claims_value.get("iss", ""))
    found = next((app for app in world.apps.values() if issuer in (str(app.id), f"Iv23{app.id:016d}")), None)
    if header.get("alg") != "RS256":
        raise Refused(401, "A JSON web token could not be decoded")
    if found is None:
        raise Refused(404, "Integration not found")
    try:
        key = serialization.load_pem_public_key(found.key)
        key.verify(signed, f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise Refused(401, "A JSON web token could not be decoded") from None
    now = time.time()
    issued, expires = claims_value.get("iat"), claims_value.get("exp")
    if not isinstance(expires, int):
        raise Refused(401, "Missing 'expiration' claim ('exp') in assertion")
    if not isinstance(issued, int):
        raise Refused(401, "Missing 'issued at' claim ('iat') in assertion")
    if expires < now:
        raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
    if expires > now + LONGEST_JWT + CLOCK_SKEW:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    if issued > now + CLOCK_SKEW:
        raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time of the request")
    return found


def secret_of(header):
    """The secret in an Authorization header; None when there is none."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (ValueError, binascii.Error):
            return ""
        return password if password and password != "x-oauth-basic" else user
    return ""


def identify(world, header):
    if not header:
        return Identity()
    secret = secret_of(header)
    if secret.count(".") == 2 and secret.startswith("ey"):
        return Identity(app=app_of(world, secret))
    token = world.tokens.get(secret)
    if token is None or (token.expires is not None and token.expires < time.time()):
        raise Refused(401, "Bad credentials")
    return Identity(token=token)
