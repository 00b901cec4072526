"""A WSGI program that says how long a body was, and where it thinks it is."""


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    where = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    return [f"{environ['wsgi.url_scheme']} {where} {len(body)}\n".encode()]
