"""One HTTP/2 connection over mutual TLS, driven by lines of JSON: commands on standard input, events on standard output.

An implementation that has nothing in common with the proxy's. It checks what it receives; what it sends may be illegal.
"""
import json
import selectors
import socket
import ssl
import sys

from h2.config import H2Configuration
from h2.connection import ConnectionInputs, ConnectionState, H2Connection, H2ConnectionStateMachine
from h2 import events
from h2.settings import SettingCodes

# The library takes any GOAWAY for the end; open streams go on after it (RFC 9113, section 6.8).
for state in (ConnectionState.IDLE, ConnectionState.CLIENT_OPEN):
    H2ConnectionStateMachine._transitions[state, ConnectionInputs.RECV_GOAWAY] = (None, state)


def tell(event, **fields):
    print(json.dumps(dict(event=event, **fields)), flush=True)


def connect(host, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # whom it talks to is not this client's question
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(certificate, key)
    tls = context.wrap_socket(socket.create_connection((host, 15008)))
    tell("open", text=f"{tls.version()} {tls.cipher()[0]} {tls.selected_alpn_protocol()}")
    return tls


def obey(h2, line):
    command = json.loads(line)
    stream = command["stream"] or h2.get_next_available_stream_id()
    match command["do"]:
        case "headers":
            h2.send_headers(stream, [tuple(pair) for pair in command["headers"]], end_stream=command["end"])
            tell("sent", stream=stream)
        case "data":
            h2.send_data(stream, command["text"].encode(), end_stream=command["end"])
        case "reset":
            h2.reset_stream(stream, command["code"])


def report(h2, event):
    match event:
        case events.ResponseReceived():
            headers = {name.decode(): value.decode() for name, value in event.headers}
            tell("response", stream=event.stream_id, code=int(headers[":status"]), headers=headers)
        case events.DataReceived():
            h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            tell("data", stream=event.stream_id, text=event.data.decode())
        case events.StreamEnded():
            tell("ended", stream=event.stream_id)
        case events.StreamReset():
            tell("reset", stream=event.stream_id, code=int(event.error_code))
        case events.RemoteSettingsChanged():
            changes = {str(int(setting)): change.new_value for setting, change in event.changed_settings.items()}
            # The library would keep to the limit of streams by itself.
            h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 2**31 - 1
            h2.remote_settings.acknowledge()
            tell("settings", settings=changes)
        case events.ConnectionTerminated():
            tell("goaway", stream=event.last_stream_id, code=int(event.error_code))


def main(host, certificate, key):
    tls = connect(host, certificate, key)
    h2 = H2Connection(H2Configuration(
        client_side=True, header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False))
    h2.initiate_connection()
    tls.sendall(h2.data_to_send())
    tls.setblocking(False)
    ready = selectors.DefaultSelector()
    ready.register(tls, selectors.EVENT_READ)
    ready.register(sys.stdin.fileno(), selectors.EVENT_READ)
    commands = b""
    while True:
        for chosen, _ in ready.select():
            if chosen.fileobj is tls:
                try:
                    received = tls.recv(65536)
                    while tls.pending():
                        received += tls.recv(65536)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    continue
                except ssl.SSLError as refused:
                    return tell("closed", text=str(refused))
                if not received:
                    return tell("closed", text="")
                for event in h2.receive_data(received):
                    report(h2, event)
            else:
                more = sys.stdin.buffer.raw.read(65536)
                if not more:
                    return
                *lines, commands = (commands + more).split(b"\n")
                for line in lines:
                    obey(h2, line)
            tls.setblocking(True)
            tls.sendall(h2.data_to_send())
            tls.setblocking(False)


try:
    main(*sys.argv[1:])
except Exception as end:  # whatever it is, the test has to hear of it
    tell("closed", text=f"{type(end).__name__}: {end}")
