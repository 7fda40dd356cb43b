// @ts-check
// One stream of changes for all tabs of a browser: eight tabs with a stream
// each would use up the connections that HTTP/1.1 allows. Runs as a shared
// worker; where there is none, live.js calls follow() in the tab itself.

/**
 * Follows the stream for ever and tells what it hears.
 * @param {(message: {type: string, [more: string]: any}) => void} tell
 */
export function follow(tell) {
  /** @type {EventSource} */ let source;
  let last = '', beats = false, heard = 0, wait = 500;
  /** The newest position of each view: what a tab that opens later must reach. */
  const views = {};
  const open = () => {
    source = new EventSource('/api/v1/live' + (last && '?after=' + last));
    source.onopen = () => { wait = 500; heard = Date.now(); tell({ type: 'state', state: 'live' }); };
    source.onmessage = (e) => {
      heard = Date.now();
      last = e.lastEventId || last;
      const notice = JSON.parse(e.data);
      views[notice.view] = Math.max(views[notice.view] ?? 0, notice.position);
      tell({ type: 'notice', ...notice });
    };
    source.addEventListener('hello', (e) => {
      heard = Date.now();
      Object.assign(views, JSON.parse(/** @type {MessageEvent} */ (e).data).views);
      tell({ type: 'hello', views });
    });
    source.addEventListener('beat', () => { heard = Date.now(); beats = true; });
    source.onerror = () => {
      tell({ type: 'state', state: 'reconnecting' });
      // After a 502 the browser gives up for good; after a cut it retries itself.
      if (source.readyState === EventSource.CLOSED) again();
    };
  };
  const again = () => {
    source.close();
    setTimeout(open, wait);
    wait = Math.min(wait * 2, 15000);
  };
  setInterval(() => {
    if (beats && Date.now() - heard > 45000) {
      heard = Date.now();
      tell({ type: 'state', state: 'reconnecting' });
      again();
    }
  }, 5000);
  open();
  return views;
}

if ('onconnect' in self) {
  /** @type {Set<MessagePort>} */ const ports = new Set();
  let state = 'connecting';
  const views = follow((message) => {
    if (message.type === 'state') state = message.state;
    for (const port of ports) port.postMessage(message);
  });
  self.onconnect = (/** @type {MessageEvent} */ e) => {
    const port = e.ports[0];
    ports.add(port);
    port.onmessage = (m) => { if (m.data === 'bye') ports.delete(port); };
    port.postMessage({ type: 'state', state });
    port.postMessage({ type: 'hello', views });
  };
}
