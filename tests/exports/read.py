"""Reads exported files as the software they are for would, and prints what it found as JSON: a key for each file.

A file is named after its kind, with whatever comes after a dot.
"""

import json
import pathlib
import sys

import kubernetes_validate
import sqlalchemy
import yaml

# The oldest and the newest version that are still looked after, and one in between.
KUBERNETES = ["1.35", "1.36", "1.37"]


class Once(yaml.SafeLoader):
    """YAML in which no key stands twice."""


def mapping(loader, node):
    loader.flatten_mapping(node)
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice or not all(isinstance(key, str) for key in keys):
        raise ValueError(f"{node.start_mark}: keys that stand twice or are no text: {twice or keys}")
    return loader.construct_mapping(node, deep=True)


Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


def read_yaml(text):
    return [document for document in yaml.load_all(text, Once) if document is not None]


def read_kubernetes(text):
    manifests = read_yaml(text)
    for manifest in manifests:
        for version in KUBERNETES:
            kubernetes_validate.validate(manifest, version, strict=True)
    return manifests


def read_sqlalchemy(text):
    names = {}
    exec(compile(text, "database_pool.py", "exec"), names)
    return {name: pool(arguments) for name, arguments in names["POOLS"].items()}


def pool(arguments):
    # Nothing connects: what the driver is told is looked at, not tried.
    engine = sqlalchemy.create_engine("sqlite:///nowhere.db", poolclass=sqlalchemy.pool.QueuePool, **arguments)
    pool = engine.pool
    return {
        "size": pool.size(),
        "overflow": pool._max_overflow,
        "timeout": pool.timeout(),
        "recycle": pool._recycle,
        "pre_ping": pool._pre_ping,
        "connect_args": arguments.get("connect_args"),
    }


def read_env(text):
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pairs = [line.split("=", 1) for line in lines]
    assert len(dict(pairs)) == len(pairs), "a variable stands twice"
    return dict(pairs)


READERS = {
    "hikari-yaml": read_yaml,
    "hikari-env": read_env,
    "sqlalchemy": read_sqlalchemy,
    "kubernetes": read_kubernetes,
    "prometheus": read_yaml,
}

found = {}
for path in map(pathlib.Path, sys.argv[1:]):
    try:
        found[path.name] = READERS[path.name.split(".")[0]](path.read_text(encoding="utf-8"))
    except Exception as error:
        raise SystemExit(f"{path}: {type(error).__name__}: {error}") from error
print(json.dumps(found))
