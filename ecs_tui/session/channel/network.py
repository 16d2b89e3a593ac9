"""Proxy and trusted CAs of a session's socket: the same as for API calls.

botocore is slow to import and mostly not needed in this process, so its rules are repeated here.
aiohttp's `trust_env` reads WSS_PROXY, which is rarely set.
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
    """The proxy for a WebSocket: HTTPS_PROXY, unless NO_PROXY matches the host.

    Raises:
        ValueError: The variable is not a valid URL.
    """
    address = URL(url)
    if proxy_bypass(f"{address.host}:{address.port}"):
        return None
    found = getproxies().get(_AS_HTTP.get(address.scheme, ""), "")
    if not found:
        return None
    proxy = URL(found if "://" in found else f"http://{found}")
    if not proxy.host or proxy.scheme not in ("http", "https"):
        raise ValueError("the proxy's address is invalid")
    return proxy


def network_words(error: Exception) -> str:
    """The problem with the proxy or the CAs, without the proxy's URL: it may contain a password."""
    if isinstance(error, ValueError):
        return "HTTPS_PROXY is not a valid proxy URL"
    name = next((each for each in BUNDLES if os.environ.get(each)), "the CA bundle")
    if isinstance(error, ssl.SSLError):
        return f"the file set by {name} contains no certificates"
    return f"cannot read the file set by {name}"


def trusted(environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """A TLS context that trusts the CAs of AWS_CA_BUNDLE, else those that botocore trusts.

    Raises:
        OSError: The file is missing or contains no certificates.
    """
    named = next((environ[name] for name in BUNDLES if environ.get(name)), "")
    return ssl.create_default_context(cafile=named or _own_bundle())


def _own_bundle() -> str | None:
    """certifi's file if it is installed, as in botocore; else botocore's own."""
    for package, file in (("certifi", "cacert.pem"), ("botocore", "cacert.pem")):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec is not None else []:
            path = Path(folder) / file
            if path.is_file():
                return str(path)
    return None  # the system's CAs
