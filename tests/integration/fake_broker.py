"""An MQTT 3.1.1 broker that does what a test tells it, also what no broker should.

The test gives a function that is called with each new connection, in a thread of its
own; what it raises fails the test at `check()`.
"""
import socket
import struct
import threading
import time

CONNECT, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 0x10, 0x40, 0x82, 0xC0, 0xE0


class Closed(Exception):
    """The client has closed the connection."""


class Connection:
    def __init__(self, sock, number):
        self.sock, self.number = sock, number   # number: 0 for the first connection
        self.buffer = b""

    def send(self, *packets):
        self.sock.sendall(b"".join(packets))

    def receive(self):
        """(first byte, body) of the next packet."""
        while True:
            packet = self.take()
            if packet:
                return packet
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                raise Closed
            self.buffer += more

    def take(self):
        length, shift, i = 0, 0, 1
        while True:
            if i >= len(self.buffer):
                return None
            length |= (self.buffer[i] & 127) << shift
            shift += 7
            i += 1
            if not self.buffer[i - 1] & 128:
                break
        if len(self.buffer) < i + length:
            return None
        packet = self.buffer[0], self.buffer[i:i + length]
        self.buffer = self.buffer[i + length:]
        return packet

    def expect(self, kind):
        """The body of the next packet of this kind; pings are answered meanwhile."""
        while True:
            first, body = self.receive()
            if first == PINGREQ:
                self.send(b"\xd0\x00")
            elif first == kind:
                return body
            elif first == DISCONNECT:
                raise Closed

    def accept(self, session_present=False):
        """CONNECT, CONNACK."""
        body = self.expect(CONNECT)
        self.send(bytes([0x20, 2, session_present, 0]))
        return body

    def grant(self, qos=1):
        """SUBSCRIBE, SUBACK."""
        body = self.expect(SUBSCRIBE)
        filters, i = 0, 2
        while i < len(body):
            i += 3 + struct.unpack(">H", body[i:i + 2])[0]
            filters += 1
        self.send(packet(0x90, body[:2] + bytes([qos]) * filters))

    def wait_closed(self):
        try:
            while True:
                self.receive()
        except Closed:
            pass


def packet(first, body):
    length, n = b"", len(body)
    while n > 127:
        length += bytes([n & 127 | 128])
        n >>= 7
    return bytes([first]) + length + bytes([n]) + body


def publish(topic, payload, id=1, qos=1, dup=False, retain=False):
    if isinstance(topic, str):
        topic = topic.encode()
    body = struct.pack(">H", len(topic)) + topic
    if qos:
        body += struct.pack(">H", id)
    return packet(0x30 | dup << 3 | qos << 1 | retain, body + payload)


class FakeBroker:
    """Listens; calls script(connection) for each client in turn."""

    def __init__(self, script):
        self.script, self.error, self.connections = script, None, 0
        self.events = []        # (name, time.monotonic()), by the script
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.uri = "tcp://127.0.0.1:%d" % self.port
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c = Connection(sock, self.connections)
            self.connections += 1
            try:
                self.script(c)
            except (Closed, ConnectionError):
                pass
            except Exception as e:      # shown by check()
                self.error = e
            sock.close()

    def event(self, name):
        self.events.append((name, time.monotonic()))

    def when(self, name):
        """When it happened first; None: not yet."""
        self.check()
        return next((t for n, t in self.events if n == name), None)

    def check(self):
        if self.error:
            raise self.error
