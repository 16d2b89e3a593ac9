"""The way of a session's socket: the proxy and the trusted CAs that calls of the API use too.

botocore is slow to import, and this process mostly does without it: the rules are repeated here.
aiohttp's own (`trust_env`) look for WSS_PROXY, which nobody sets.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from yarl import URL

BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_AS_HTTP = {"wss": "https", "ws": "http"}


def proxy_for(url: str) -> URL | None:
    """The proxy for a WebSocket: HTTPS_PROXY's, unless NO_PROXY names the host.

    Raises:
        ValueError: The variable holds no address.
    """
    address = URL(url)
    if proxy_bypass(f"{address.host}:{address.port}"):
        return None
    found = getproxies().get(_AS_HTTP.get(address.scheme, ""), "")
    if not found:
        return None
    proxy = URL(found if "://" in found else f"http://{found}")
    if not proxy.host or proxy.scheme not in ("http", "https"):
        raise ValueError("the proxy's address is none")
    return proxy


def network_words(error: Exception) -> str:
    """What is wrong with the proxy or the CAs; never the proxy's address, it may hold a password."""
    if isinstance(error, ValueError):
        return "HTTPS_PROXY holds no address of a proxy"
    name = next((each for each in BUNDLES if os.environ.get(each)), "the CA bundle")
    if isinstance(error, ssl.SSLError):
        return f"the file that {name} names holds no certificates"
    return f"the file that {name} names cannot be read"


def trusted(environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """A context that trusts the CAs of AWS_CA_BUNDLE, else those that botocore trusts.

    Raises:
        OSError: The file is missing or holds no certificates.
    """
    named = next((environ[name] for name in BUNDLES if environ.get(name)), "")
    return ssl.create_default_context(cafile=named or _own_bundle())


def _own_bundle() -> str | None:
    """certifi's file where there is one, as botocore has it; else botocore's own."""
    for package, file in (("certifi", "cacert.pem"), ("botocore", "cacert.pem")):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec is not None else []:
            path = Path(folder) / file
            if path.is_file():
                return str(path)
    return None  # the system's
