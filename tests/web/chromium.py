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

    def _receive(self, until):
        while b'\0' not in self.pending:
            ready, _, _ = select.select([self.read_end], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self.read_end, 1 << 20) if ready else b''
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
        until = time.monotonic() + seconds
        while True:
            answer = self._receive(until)
            if answer is None:
                raise TimeoutError(f'{method}: no answer from the browser')
            if answer.get('id') == self.number:
                break
            self._note(answer)
        if 'error' in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer['result']

    def open(self, address, width=1100, height=900, dark=False):
        """A new page at `address`, the only one."""
        before = self.session and self.target
        self.target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=self.target, flatten=True)['sessionId']
        if before:
            self.call('Target.closeTarget', targetId=before)
        for domain in ('Page', 'Runtime', 'Log', 'DOM'):
            self.call(f'{domain}.enable')
        self.resize(width, height)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('Page.navigate', url=address)
        self.wait("location.href != 'about:blank' && document.readyState == 'complete'")

    def resize(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def value(self, expression, seconds=120):
        """The value of an expression or of its promise."""
        result = self.call('Runtime.evaluate', seconds, expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if 'exceptionDetails' in result:
            details = result['exceptionDetails']
            raise RuntimeError(details.get('exception', {}).get('description') or details['text'])
        return result['result'].get('value')

    def wait(self, expression, seconds=60):
        """Until the expression is true; its value, or the last one after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            value = self.value(expression)
            if value or time.monotonic() > end:
                return value
            time.sleep(0.05)

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
