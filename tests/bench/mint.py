#!/usr/bin/env python3
"""The job of `raxx-mint --bot BOT` with urllib and PyJWT, for tests/bench.sh to compare with."""

import json
import os
import sys
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt

INFISICAL = os.environ.get("INFISICAL_HOST", "https://app.infisical.com")
GITHUB = os.environ.get("GITHUB_API_URL", "https://api.github.com")


def ask(url, body=None, method=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "mint.py", **headers}
    with urlopen(Request(url, data=data, method=method, headers=headers), timeout=15) as answer:
        return json.load(answer)


credentials = {
    "clientId": os.environ["INFISICAL_CLIENT_ID"],
    "clientSecret": os.environ["INFISICAL_CLIENT_SECRET"],
}
session = ask(f"{INFISICAL}/api/v1/auth/universal-auth/login", credentials)["accessToken"]
query = urlencode(
    {
        "workspaceId": os.environ["INFISICAL_PROJECT_ID"],
        "environment": os.environ.get("INFISICAL_ENV", "prod"),
        "secretPath": os.environ.get("INFISICAL_PATH_PREFIX", "/MooseQuest/") + sys.argv[1],
    }
)
listing = ask(f"{INFISICAL}/api/v3/secrets/raw?{query}", Authorization=f"Bearer {session}")
secrets = {secret["secretKey"]: secret["secretValue"] for secret in listing["secrets"]}
now = int(time.time())
claims = {"iat": now - 60, "exp": now + 540, "iss": secrets["APP_ID"]}
signed = jwt.encode(claims, secrets["PRIVATE_KEY_PEM"].replace("\\n", "\n"), algorithm="RS256")
url = f"{GITHUB}/app/installations/{secrets['INSTALLATION_ID']}/access_tokens"
print(ask(url, method="POST", Authorization=f"Bearer {signed}", Accept="application/vnd.github+json")["token"])
