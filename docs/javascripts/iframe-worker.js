// The search runs in a worker, and browsers start none for a page that is opened from a file.
// There a hidden frame takes its place, so that search works without a server and a network.
if (location.protocol === "file:") {
  // the theme's worker looks for this name to find what it loads
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.appendChild(frame);
      this.inside = frame.contentWindow;
      this.inside.postMessage = (data) => this.tell(this, data);
      this.inside.importScripts = (...urls) =>
        urls.reduce((before, each) => before.then(() => this.load(each)), Promise.resolve());
      this.ready = this.load(url);
      this.frame = frame;
    }
    load(url) {
      return new Promise((resolve, reject) => {
        const script = this.inside.document.createElement("script");
        script.src = url;
        script.onload = resolve;
        script.onerror = reject;
        this.inside.document.body.appendChild(script);
      });
    }
    tell(target, data) {
      const event = new MessageEvent("message", { data });
      target.dispatchEvent(event);
      if (target.onmessage && target === this) target.onmessage(event);
    }
    postMessage(data) {
      this.ready.then(() => this.tell(this.inside, data));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
