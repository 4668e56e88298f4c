# SPDX-License-Identifier: MIT
# chromium.py - Chromium without a window, driven by the DevTools protocol through two pipes, and a server for a folder.
# Copyright (c) 2026 the wavenet authors
import base64
import collections
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

OPTIONS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage',
           '--disable-background-networking', '--disable-component-update', '--mute-audio',
           '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream',
           '--use-fake-ui-for-media-stream', '--remote-debugging-pipe']
POLL = 0.05  # seconds between looks at the page


class Server:
    """python3 -m http.server for a folder: a server that sets no headers of its own. With `with`; .address."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.job = subprocess.Popen([sys.executable, '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '-d', self.folder],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = f'http://localhost:{self.job.stdout.readline().split("port ")[1].split()[0]}/'
        return self

    def __exit__(self, *_):
        self.job.kill()
        self.job.wait()


class Browser:
    """With `with`. .problems lists what the console, the page and the workers complained of."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix='wavenet-chromium-')
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def wire():  # it reads from 3 and writes to 4
            high = [os.dup(to_browser), os.dup(from_browser)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.job = subprocess.Popen([self.program, *OPTIONS, f'--user-data-dir={self.profile}', 'about:blank'], close_fds=False,
                                    preexec_fn=wire, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.pending, self.number, self.problems = b'', 0, []
        self.events = collections.deque(maxlen=1000)
        self.session = None
        return self

    def __exit__(self, *_):
        self.job.kill()
        self.job.wait()
        os.close(self.read_end)
        os.close(self.write_end)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _receive(self, seconds):
        """The next message; None after `seconds` without one. They are counted one by one, for a machine that stops us for minutes
        stops the browser, too."""
        while b'\0' not in self.pending:
            for _ in range(seconds):
                if select.select([self.read_end], [], [], 1)[0]:
                    break
            else:
                return None
            data = os.read(self.read_end, 1 << 20)
            if not data:
                return None
            self.pending += data
        message, _, self.pending = self.pending.partition(b'\0')
        return json.loads(message)

    def _note(self, event):
        method, about = event.get('method'), event.get('params', {})
        if method == 'Runtime.consoleAPICalled' and about['type'] in ('error', 'warning', 'assert'):
            self.problems.append(' '.join(str(a.get('value', a.get('description'))) for a in about['args']))
        elif method == 'Runtime.exceptionThrown':
            details = about['exceptionDetails']
            self.problems.append(details.get('exception', {}).get('description') or details['text'])
        elif method == 'Log.entryAdded' and about['entry']['level'] in ('error', 'warning'):
            self.problems.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        self.events.append(event)

    def call(self, method, seconds=120, **parameters):
        """The result of a command to the page."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session and not method.startswith(('Target.', 'Browser.')):
            message['sessionId'] = self.session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.write_end, data):]
        while True:
            answer = self._receive(seconds)
            if answer is None:
                raise TimeoutError(f'{method}: no answer from the browser')
            if answer.get('id') == self.number:
                break
            self._note(answer)
        if 'error' in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer['result']

    def open(self, address, width=1100, height=900, dark=False, before=''):
        """A new page at `address`, the only one; the script `before` runs before those of the page."""
        last = self.session and self.target
        self.target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=self.target, flatten=True)['sessionId']
        if last:
            self.call('Target.closeTarget', targetId=last)
        for domain in ('Page', 'Runtime', 'Log', 'DOM'):
            self.call(f'{domain}.enable')
        self.resize(width, height)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('Page.addScriptToEvaluateOnNewDocument', source=before)
        self.call('Page.navigate', url=address)
        self.wait("location.href != 'about:blank' && document.readyState == 'complete'")

    def resize(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def add_library(self):
        """Make the functions of library.js known to the page."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'library.js')) as f:
            self.value(f'{{ const script = document.createElement("script"); script.textContent = {json.dumps(f.read())}; document.head.append(script); }}')

    def processor_seconds(self):
        """Processor time that the browser has used: all of its processes and threads."""
        processes = {}  # of the system: parent and ticks
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{name}/stat') as f:
                    fields = f.read().rpartition(')')[2].split()
            except OSError:
                continue  # it has ended
            processes[int(name)] = int(fields[1]), int(fields[11]) + int(fields[12])
        ours, found = set(), {self.job.pid}
        while found:
            ours |= found
            found = {pid for pid, (parent, _) in processes.items() if parent in found}
        return sum(processes[pid][1] for pid in ours if pid in processes) / os.sysconf('SC_CLK_TCK')

    def value(self, expression, seconds=120):
        """The value of an expression or of its promise."""
        result = self.call('Runtime.evaluate', seconds, expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if 'exceptionDetails' in result:
            details = result['exceptionDetails']
            raise RuntimeError(details.get('exception', {}).get('description') or details['text'])
        return result['result'].get('value')

    def wait(self, expression, seconds=60):
        """Until the expression is true; its value, or the last one after `seconds` or more."""
        for _ in range(round(seconds / POLL)):
            value = self.value(expression)
            if value:
                break
            time.sleep(POLL)
        return value

    def place(self, selector):
        return self.value(f'''(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()''')

    def press(self, selector):
        x, y = self.place(selector)
        self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)
        self.call('Input.dispatchMouseEvent', type='mousePressed', x=x, y=y, button='left', buttons=1, clickCount=1)
        return x, y

    def let(self, x, y):
        self.call('Input.dispatchMouseEvent', type='mouseReleased', x=x, y=y, button='left', clickCount=1)

    def click(self, selector):
        self.let(*self.press(selector))

    def key(self, kind, code, key):
        text = {'text': key} if kind == 'keyDown' and len(key) == 1 else {}
        number = {'Enter': 13, ' ': 32, 'ArrowRight': 39, 'Tab': 9}.get(key, ord(key[0].upper()))
        self.call('Input.dispatchKeyEvent', type=kind, code=code, key=key, windowsVirtualKeyCode=number, **text)

    def choose(self, selector, *names):
        """Choose files in an input for files."""
        root = self.call('DOM.getDocument')['root']['nodeId']
        node = self.call('DOM.querySelector', nodeId=root, selector=selector)['nodeId']
        self.call('DOM.setFileInputFiles', nodeId=node, files=list(names))

    def drop(self, selector, *names):
        """Drag files from outside to an element and drop them."""
        x, y = self.place(selector)
        data = {'items': [], 'files': list(names), 'dragOperationsMask': 1}
        for kind in ('dragEnter', 'dragOver', 'drop'):
            self.call('Input.dispatchDragEvent', type=kind, x=x, y=y, data=data)

    def screenshot(self, name):
        data = self.call('Page.captureScreenshot', captureBeyondViewport=True, format='png')['data']
        with open(name, 'wb') as f:
            f.write(base64.b64decode(data))
