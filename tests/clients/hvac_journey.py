"""A secret's life through hvac: python hvac_journey.py ADDRESS

ADDRESS leads to a server that nobody has initialised yet.  Standard output is one JSON object with what each step saw.
"""

import json
import sys

import hvac
import requests
from hvac.exceptions import VaultError

MOUNT = "journey"


def connect(address, **options):
    """A client that takes nothing from this machine's settings, proxies least of all."""
    session = requests.Session()
    session.trust_env = False
    return hvac.Client(url=address, session=session, **options)


def told(call):
    """What a call returned, or which error it raised."""
    try:
        return call()
    except VaultError as error:
        return {"raised": type(error).__name__}


def journey(address):
    # `strict_http` turns LIST, which the Workers platform refuses, into GET with `list=true`.
    client = connect(address, strict_http=True)
    kv = client.secrets.kv.v1
    steps = {"initialized_before": client.sys.is_initialized()}

    keys = client.sys.initialize(secret_shares=3, secret_threshold=2)
    client.token = keys["root_token"]
    steps["initialized"] = client.sys.is_initialized()
    steps["sealed_before"] = client.sys.is_sealed()
    client.sys.submit_unseal_keys(keys["keys"][:2])
    steps["sealed"] = client.sys.is_sealed()

    # hvac sends null for what is left out, which RustyVault does not take for text or options.
    client.sys.enable_secrets_engine("kv", path=MOUNT, description="a journey's", options={"version": "1"})
    for name, value in [("one", "first"), ("two", "zweites, mit Ümlaut"), ("one", "first, rewritten")]:
        kv.create_or_update_secret(f"app/{name}", {"value": value}, mount_point=MOUNT)
    steps["read"] = {name: kv.read_secret(f"app/{name}", mount_point=MOUNT)["data"]["value"] for name in ("one", "two")}

    steps["list"] = told(lambda: kv.list_secrets("app", mount_point=MOUNT)["data"]["keys"])
    verbatim = connect(address, token=client.token).secrets.kv.v1
    steps["list_by_method"] = told(lambda: verbatim.list_secrets("app", mount_point=MOUNT)["data"]["keys"])

    steps["delete"] = kv.delete_secret("app/one", mount_point=MOUNT).status_code
    steps["read_deleted"] = told(lambda: kv.read_secret("app/one", mount_point=MOUNT))
    steps["list_deleted"] = told(lambda: kv.list_secrets("app", mount_point=MOUNT)["data"]["keys"])

    stranger = connect(address, token="not-a-token").secrets.kv.v1
    steps["read_as_stranger"] = told(lambda: stranger.read_secret("app/two", mount_point=MOUNT))
    return steps | {"token": client.token}


if __name__ == "__main__":
    print(json.dumps(journey(sys.argv[1])))
