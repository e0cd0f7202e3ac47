#!/usr/bin/env python3
"""What live data costs the screen: a real Prometheus on loopback, so many signals at 1 s, ttybench over it.

  benches/live.py --ttybench PATH --warroom target/release/warroom [--vs PATH_OF_BARE grid] [options] [-- ttybench options]

Starts an exporter of N gauges, a Prometheus that scrapes it each second, writes a plan with a limit for
each and its warroom.toml, allows it, and runs ttybench. --storm lets every alert fire at once after the
screen has settled; --hostile adds a source that hangs, one that floods, one that lies about the time and
one that is dead. Everything lies in a temporary folder and listens on 127.0.0.1 only.

Instead of ttybench: --first N gives the milliseconds from exec to the first byte and to N values on the
screen; --threads SECONDS the CPU that each thread takes. Both --repeat and take turns with --vs and with
every --also, another build.
"""
import argparse, http.server, math, os, socket, subprocess, sys, tempfile, threading, time, urllib.request

import terminal

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--ttybench")
p.add_argument("--warroom", required=True)
p.add_argument("--vs", nargs="*", default=[])
p.add_argument("--signals", type=int, default=1000)
p.add_argument("--alerts", type=int, default=500)
p.add_argument("--storm", type=float, help="seconds from the start until all alerts fire, each 10 s anew")
p.add_argument("--hostile", action="store_true")
p.add_argument("--apart", action="store_true", help="a query for each signal that cannot be asked together with others")
p.add_argument("--first", type=int, metavar="N", help="from exec to N values")
p.add_argument("--threads", type=float, metavar="SECONDS", help="CPU by thread")
p.add_argument("--settle", type=float, default=5, help="seconds before --threads counts")
p.add_argument("--repeat", type=int, default=5)
p.add_argument("--also", action="append", default=[], metavar="WARROOM", help="another build of it")
p.add_argument("--reopen", action="store_true", help="fill a room for --settle seconds first, and open that")
p.add_argument("more", nargs="*")
args = p.parse_args()
if not (args.ttybench or args.first or args.threads):
    p.error("one of --ttybench, --first, --threads")


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


began = time.time()


def value(n):
    if args.storm and n < args.alerts and (time.time() - began) > args.storm:
        return 99 if int((time.time() - began) / 10) % 2 == 0 else 20
    return 20 + 5 * math.sin(time.time() / 7 + n)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self, text, kind="application/json"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Exporter(Quiet):
    def do_GET(self):
        lines = [f"load_{n} {value(n):.3f}\n" for n in range(args.signals)]
        self.body("".join(lines).encode(), "text/plain; version=0.0.4")


def vector(at):
    return ('{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%f,"1"]}]}}' % at).encode()


class Hangs(Quiet):
    def do_GET(self):
        time.sleep(30)


class Floods(Quiet):
    def do_GET(self):
        self.body(b'{"status":"success","data":"' + b"x" * (10 << 20) + b'"}')


class Lies(Quiet):
    def do_GET(self):
        self.body(vector(time.time() + 3600))


def serve(handler):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def compare(measure, show):
    """Measures every program --repeat times, by turns."""
    builds = [[binary, f"{folder}/load.md"] for binary in [args.warroom, *args.also]]
    programs = builds + ([args.vs] if args.vs else [])
    found = [[] for _ in programs]
    for turn in range(args.repeat):
        for program, into in zip(programs, found):
            # A room that was never opened, for each program and turn, unless it is to be one that was.
            os.environ["WARROOM_STATE"] = f"{folder}/state" if args.reopen else f"{folder}/state-{id(into)}-{turn}"
            if program in builds:
                subprocess.run([program[0], "allow", f"{folder}/load.md", "--yes"], check=True, capture_output=True)
            into.append(measure(program))
    for program, all in zip(programs, found):
        print(" ".join(program[:1] + program[1:] * (program not in builds)), show(all), flush=True)


def show_first(all):
    byte, full = zip(*all)
    middle = [terminal.middle(byte), terminal.middle(full)]
    return "first byte %.0f ms, %d values %.0f ms" % (middle[0], args.first, middle[1]) + f"  {[round(f or 0) for f in full]}"


def show_threads(all):
    names = sorted({name for threads, _, _ in all for name in threads})
    each = {name: terminal.middle([threads.get(name, 0) for threads, _, _ in all]) for name in names}
    whole = terminal.middle([sum(threads.values()) for threads, _, _ in all])
    memory = {key: terminal.middle([m[key] for _, _, m in all]) for key in all[0][2]}
    shown = ", ".join(f"{name} {ms:.2f}" for name, ms in each.items() if ms > 0.005)
    return f"{whole:.2f} ms/s = {whole / 10:.2f} % ({shown}), {terminal.middle([b for _, b, _ in all]):.0f} B/s, {memory} MB"


def run_bench():
    if args.first:
        return compare(lambda c: terminal.first(c, args.first if c != args.vs else 0), show_first)
    if args.threads:
        return compare(lambda c: terminal.spent(c, args.threads, args.settle), show_threads)
    command = [sys.executable, args.ttybench, "--size", "200x50", "--keys", "j,k", "--label", "warroom", *args.more]
    vs = ["--vs-label", "floor", "--vs-keys", "j,k"] if args.vs else []
    command += vs + ["--", args.warroom, f"{folder}/load.md"] + (["--vs", "--", *args.vs] if args.vs else [])
    sys.exit(subprocess.run(command).returncode)


folder = tempfile.mkdtemp(prefix="warroom-live-")
exporter, prom = serve(Exporter), free()
with open(f"{folder}/prom.yml", "w") as f:
    f.write("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: e\n  static_configs: [{targets: ['127.0.0.1:%d']}]\n" % exporter)
peers = [subprocess.Popen(["prometheus", f"--config.file={folder}/prom.yml", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{prom}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
try:
    rows = "".join(f"| P{1 + n % 3} | Load {n} > 50 |\n" for n in range(args.signals))
    hostile = [("hangs", serve(Hangs)), ("floods", serve(Floods)), ("lies", serve(Lies)), ("dead", free())] if args.hostile else []
    rows += "".join(f"| P1 | The {name} rate > 50 |\n" for name, _ in hostile)
    with open(f"{folder}/load.md", "w") as f:
        f.write("# Load\n\n## Phase 1: Canary (Hours 0-2)\n\n" + "".join(f"- [ ] Look at {n}\n" for n in range(60)) + "\n## Alerts\n\n| Severity | Condition |\n|---|---|\n" + rows)
    source = '[[source]]\nname = "%s"\nkind = "prometheus"\nurl = "http://127.0.0.1:%d"\nevery = 1\n\n'
    signal = '[[signal]]\nname = "%s"\nsource = "%s"\nquery = \'%s\'\n\n'
    with open(f"{folder}/warroom.toml", "w") as f:
        f.write(source % ("prom", prom) + "".join(source % pair for pair in hostile))
        f.write("".join(signal % (f"Load {n}", "prom", ("sum(load_%d)" if args.apart else "load_%d") % n) for n in range(args.signals)))
        f.write("".join(signal % (f"The {name} rate", name, "x") for name, _ in hostile))
    every = f"http://127.0.0.1:{prom}/api/v1/query?query=%7B__name__%3D~%22load_.%2B%22%7D"
    for _ in range(300):
        try:
            if b'"value"' in urllib.request.urlopen(every, timeout=2).read():
                break
        except OSError:
            pass
        time.sleep(0.2)
    else:
        sys.exit("Prometheus did not come up")
    times = []
    for _ in range(20):
        at = time.perf_counter()
        urllib.request.urlopen(every, timeout=5).read()
        times.append(time.perf_counter() - at)
    print(f"one query for {args.signals} series: median {sorted(times)[10] * 1e3:.1f} ms")
    os.environ["WARROOM_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{folder}/state", f"{folder}/config"
    subprocess.run([args.warroom, "allow", f"{folder}/load.md", "--yes"], check=True, capture_output=True)
    began = time.time()
    if args.reopen:
        terminal.spent([args.warroom, f"{folder}/load.md"], 1, args.settle)
    run_bench()
finally:
    for peer in peers:
        peer.terminate()
