"""A WSGI program that says how long a body was and where it thinks it is, or breaks at /break."""


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"].startswith("/break"):
        raise RuntimeError("broken on purpose")
    start_response("200 OK", [("Content-Type", "text/plain")])
    where = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    return [f"{environ['wsgi.url_scheme']} {where} {len(body)}\n".encode()]
