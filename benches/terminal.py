"""A program in a terminal of its own: when its first bytes come and its first values, and what CPU its
threads take. Used by live.py; Linux only (/proc)."""
import fcntl, os, pty, re, select, statistics, struct, termios, time

SIZE = (50, 200)
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Program:
    def __init__(self, command):
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(command[0], command)

    def read(self, patience):
        """What it wrote, or nothing; None once it has ended."""
        if not select.select([self.fd], [], [], max(0, patience))[0]:
            return b""
        try:
            return os.read(self.fd, 65536) or None
        except OSError:
            return None

    def drain(self, seconds):
        end, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            count += len(self.read(end - time.perf_counter()) or b"")
        return count

    def cpu(self):
        """Milliseconds on a CPU by thread: its name and id."""
        spent = {}
        for task in os.listdir(f"/proc/{self.pid}/task"):
            try:
                at = f"/proc/{self.pid}/task/{task}/"
                spent[open(at + "comm").read().strip(), task] = int(open(at + "schedstat").read().split()[0]) / 1e6
            except OSError:
                pass
        return spent

    def memory(self):
        lines = open(f"/proc/{self.pid}/status").read().splitlines()
        return {k: int(v.split()[0]) // 1024 for k, v in (l.split(":", 1) for l in lines) if k in ("VmHWM", "VmRSS")}

    def end(self):
        try:
            os.write(self.fd, b"q")
        except OSError:
            pass
        for _ in range(30):
            self.read(0.05)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def first(command, values, patience=6):
    """Milliseconds from exec to the first byte, and to the frame that shows so many numbers between 10
    and 30 with one decimal, which is what the exporter gives; None where there are none of them."""
    program, seen, byte, full = Program(command), b"", None, None
    while full is None and time.perf_counter() - program.began < patience:
        more = program.read(0.05)
        if more is None:
            break
        if more:
            at = (time.perf_counter() - program.began) * 1e3
            byte, seen = byte or at, seen + more
            if values == 0 or len(re.findall(rb"\b[12]\d\.\d\b", ESCAPES.sub(b" ", seen))) >= values:
                full = at
    program.end()
    return byte, full


def spent(command, seconds, settle):
    """CPU of each thread, bytes and memory over so many seconds, once it has settled."""
    program = Program(command)
    program.drain(settle)
    before = program.cpu()
    written = program.drain(seconds)
    after, memory = program.cpu(), program.memory()
    program.end()
    names = {}
    for key, ms in after.items():
        names[key[0]] = names.get(key[0], 0) + (ms - before.get(key, 0)) / seconds
    return names, written / seconds, memory


def middle(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else float("nan")
