"""Requests to addresses of users, against a real server with TLS on this machine."""

import ipaddress
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from postiz_pins.http import safe_http

DAY = timedelta(days=1)
SESSIONS = {
    "public": lambda: safe_http.public_session("test", timeout=(5, 5), allow_loopback=True),
    "any": lambda: safe_http.any_address_session("test", timeout=(5, 5)),
}


@pytest.fixture(params=SESSIONS)
def session(request, authority):
    with SESSIONS[request.param]() as made:
        yield made


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """An authority that this process trusts, and no other."""
    made = certificate("Authority", is_authority=True)
    path = tmp_path / "authorities.pem"
    path.write_bytes(pem_of(made[0]))
    monkeypatch.setattr(safe_http, "DEFAULT_CA_BUNDLE_PATH", path)
    safe_http.tls_context.cache_clear()
    yield made
    safe_http.tls_context.cache_clear()


def certificate(name, issuer=None, *, starts=-DAY, ends=DAY, is_authority=False):
    """Return a certificate and its key, signed by the issuer or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    parent, parent_key = issuer or (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent.subject if parent else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(parent_key.public_key()), critical=False)
    )
    if not is_authority:
        names = [x509.DNSName(name)]
        if name == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    else:
        usage = dict.fromkeys(
            (
                *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
                *("key_agreement", "encipher_only", "decipher_only"),
            ),
            False,
        )
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    return builder.sign(parent_key, hashes.SHA256()), key


def pem_of(made):
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def serve(tmp_path):
    """A function that starts a server with a certificate and returns its port."""
    servers = []

    def start(made, key):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        path = tmp_path / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(pem_of(made) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.daemon_threads = True
        server.handle_error = lambda *args: None  # clients that refuse its certificate
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_of_the_host_by_a_trusted_authority_is_accepted(session, authority, serve, host):
    port = serve(*certificate("localhost", authority))

    assert session.post(f"https://{host}:{port}/", data=b"x").status_code == 204


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda authority: certificate("other.example", authority), "match|mismatch"),
        (lambda authority: certificate("localhost", authority, starts=-2 * DAY, ends=-DAY), "expired"),
        (lambda authority: certificate("localhost", authority, starts=DAY, ends=2 * DAY), "not yet valid"),
        (lambda authority: certificate("localhost"), "self-signed"),
        (lambda authority: certificate("localhost", certificate("Stranger", is_authority=True)), "local issuer"),
    ],
    ids=["another host", "expired", "not yet valid", "self-signed", "unknown authority"],
)
def test_every_other_certificate_is_refused(session, authority, serve, make, reason):
    port = serve(*make(authority))

    with pytest.raises(requests.exceptions.SSLError, match=reason):
        session.post(f"https://localhost:{port}/", data=b"x")


def test_a_public_session_before_makes_no_other_session_careless(authority, serve):
    good, bad = serve(*certificate("localhost", authority)), serve(*certificate("other.example", authority))
    with SESSIONS["public"]() as public:
        assert public.post(f"https://localhost:{good}/", data=b"x").status_code == 204

    with SESSIONS["any"]() as other, pytest.raises(requests.exceptions.SSLError):
        other.post(f"https://localhost:{bad}/", data=b"x")


def test_all_sessions_share_one_context_whose_authorities_are_read_once(authority, serve, monkeypatch):
    port, reads = serve(*certificate("localhost", authority)), []
    load = ssl.SSLContext.load_verify_locations
    monkeypatch.setattr(
        ssl.SSLContext, "load_verify_locations", lambda self, *args: reads.append(args) or load(self, *args)
    )

    for make in [*SESSIONS.values()] * 2:
        with make() as session:
            assert session.post(f"https://localhost:{port}/", data=b"x").status_code == 204

    assert len(reads) == 1


def test_a_public_session_reaches_no_address_of_this_machine(authority, serve):
    port = serve(*certificate("localhost", authority))

    with (
        safe_http.public_session("test", timeout=(5, 5)) as session,
        pytest.raises(safe_http.InvalidIPAddress),
    ):
        session.post(f"https://localhost:{port}/", data=b"x")
