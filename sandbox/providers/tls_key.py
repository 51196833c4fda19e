"""A private key, and the forms in which the official TLS provider shows it and its public half."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sandbox.providers.resource import Properties, ProviderError

_CURVES: dict[str, ec.EllipticCurve] = {
    "P224": ec.SECP224R1(),
    "P256": ec.SECP256R1(),
    "P384": ec.SECP384R1(),
    "P521": ec.SECP521R1(),
}


def generated(inputs: Properties) -> tuple[str, Properties]:
    """The id and the outputs of a new key. Raises `ProviderError` for an algorithm that is not known."""
    key = _generate(inputs)
    encoding, private = serialization.Encoding, serialization.PrivateFormat
    plain = serialization.NoEncryption()
    pkcs8 = key.private_bytes(encoding.PEM, private.PKCS8, plain).decode()
    traditional = isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    public = key.public_key()
    der = public.public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    openssh = public.public_bytes(encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    blob = base64.b64decode(openssh.split()[1])
    outputs = {
        **inputs,
        "privateKeyPem": key.private_bytes(encoding.PEM, private.TraditionalOpenSSL, plain).decode()
        if traditional
        else pkcs8,
        "privateKeyPemPkcs8": pkcs8,
        "privateKeyOpenssh": key.private_bytes(encoding.PEM, private.OpenSSH, plain).decode(),
        "publicKeyPem": public.public_bytes(
            encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode(),
        "publicKeyOpenssh": f"{openssh.decode()}\n",
        "publicKeyFingerprintSha256": "SHA256:"
        + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("="),
        "publicKeyFingerprintMd5": hashlib.md5(blob, usedforsecurity=False).hexdigest(),
    }
    return hashlib.sha1(der, usedforsecurity=False).hexdigest(), outputs


def _generate(
    inputs: Properties,
) -> ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    match inputs["algorithm"]:
        case "ED25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "RSA":
            bits = inputs["rsaBits"]
            return rsa.generate_private_key(65537, bits if isinstance(bits, int) else 2048)
        case "ECDSA":
            return ec.generate_private_key(_CURVES[str(inputs["ecdsaCurve"])])
        case other:
            raise ProviderError(f"algorithm must be one of RSA, ECDSA, ED25519, not {other}")
