"""Checks a credential with PyJWT and the libraries of Python alone, as a program of somebody else would.

credential.py CREDENTIAL KEYS [STATUS_LIST]: files with a token, a JSON Web Key Set, and another token.
"""

import base64
import gzip
import json
import sys

import jwt


def claims_of(token, keys):
    header = jwt.get_unverified_header(token)
    if header.keys() != {"alg", "kid", "typ"} or header["typ"] != "JWT":
        raise jwt.InvalidTokenError("another header")
    key = next((key for key in keys if key.key_id == header["kid"]), None)
    if key is None:
        raise jwt.InvalidKeyError("an unknown key")
    options = {"require": ["iss", "jti", "sub", "nbf"], "verify_aud": False}
    claims = jwt.decode(token, key.key, algorithms=["ES256"], options=options)
    if not header["kid"].startswith(claims["iss"] + "/keys/"):
        raise jwt.InvalidIssuerError("another issuer's key")
    issuer = claims["issuer"]
    said = [issuer if isinstance(issuer, str) else issuer["id"], claims["id"], claims["credentialSubject"]["id"]]
    if said != [claims["iss"], claims["jti"], claims["sub"]]:
        raise jwt.InvalidTokenError("the claims and the credential differ")
    return claims


def is_revoked(credential, listed):
    entry = credential["credentialStatus"]
    if entry["statusListCredential"] != listed["id"] or entry["type"] != "BitstringStatusListEntry":
        raise jwt.InvalidTokenError("another list")
    text = listed["credentialSubject"]["encodedList"]
    assert text[0] == "u", "multibase: base64url without padding"
    bits = gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))
    assert len(bits) * 8 >= 131072, "a crowd to hide in"
    index = int(entry["statusListIndex"])
    return bool(bits[index // 8] & 0x80 >> index % 8)


def main(credential, keys, status_list=None):
    with open(keys) as file:
        keys = jwt.PyJWKSet.from_dict(json.load(file)).keys
    read = lambda path: claims_of(open(path).read().strip(), keys)
    try:
        found = read(credential)
        if status_list and is_revoked(found, read(status_list)):
            return "revoked"
    except jwt.PyJWTError as error:
        return type(error).__name__
    return "valid"


print(main(*sys.argv[1:]))
